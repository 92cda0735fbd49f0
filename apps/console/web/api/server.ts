/** The server that shows these pages, as it has written into them. */
const { role = 'party', organisation = '' } = document.documentElement.dataset;

export const server = { role: role as 'party' | 'module' | 'centre', organisation };
