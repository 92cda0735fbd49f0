const units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A number of bytes for people. */
export function sizeOf(bytes: number): string {
  const step = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  return `${value.toLocaleString('en', { maximumSignificantDigits: value < 10 ? 2 : 3 })} ${units[step]}`;
}
