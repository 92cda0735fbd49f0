const longest = 200;

/** A name as a message may carry it: one printable line of at most 200 characters; null if nothing is left. */
export function plainText(text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null;
  const line = text
    .slice(0, 4 * longest)
    .toWellFormed()
    .normalize('NFC')
    .replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ');
  return [...line].slice(0, longest).join('').trim().normalize('NFC') || null;
}
