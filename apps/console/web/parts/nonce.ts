/** What a style that a script makes must carry, so that the browser takes it (Content-Security-Policy). */
export const nonce = document.querySelector<HTMLElement>('script[nonce], link[nonce]')?.nonce ?? '';
