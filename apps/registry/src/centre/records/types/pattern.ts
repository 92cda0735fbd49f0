// Patterns of record types come from people, and bodies from physicians: no text may keep the server busy (OWASP: ReDoS). So a pattern is a row of
// characters and classes of them, each with a count, of which two at most may vary: matching takes at most the square of a length that is bounded.

const atom = /(?:\[[^[\]\\^](?:[^[\]\\]|\\[-\\\]dws])*\]|\\[-\\^$.*+?()[\]{}|/dw]|[^\\^$.*+?()[\]{}|/])/;
const count = /(?:\{\d{1,3}\}|\{\d{1,3},\d{0,3}\}|[?*+])?/;
const part = new RegExp(`(${atom.source})(${count.source})`, 'gy');

/** Whether a regular expression is one that matches quickly: like `^[A-Z]{2}\d{4}$`, from the first to the last character, without groups. */
export function isQuickPattern(pattern: string): boolean {
  if (pattern.length > 200 || !pattern.startsWith('^') || !pattern.endsWith('$')) return false;
  const inner = pattern.slice(1, -1);
  let [end, varying] = [0, 0];
  for (const [whole, , times] of inner.matchAll(part)) {
    end += whole.length;
    if (times !== '' && !/^\{\d+\}$/.test(times!)) varying++;
  }
  return end === inner.length && varying <= 2;
}
