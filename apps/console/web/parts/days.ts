/** Whole days until a moment; negative once it is over. @param now RFC 3339, of the server */
export function daysUntil(moment: string, now: string): number {
  return Math.floor((Date.parse(moment) - Date.parse(now)) / 86_400_000);
}
