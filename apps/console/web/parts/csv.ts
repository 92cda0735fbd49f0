/** A value as CSV has it (RFC 4180); one that a spreadsheet would take for a formula gets an apostrophe. */
export function quoted(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
