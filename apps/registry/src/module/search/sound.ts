const classes: Readonly<Record<string, string>> = Object.fromEntries(
  ['BFPV', 'CGJKQSXZ', 'DT', 'L', 'MN', 'R'].flatMap((letters, i) =>
    [...letters].map((letter) => [letter, String(i + 1)]),
  ),
);
const vowels = new Set('AEIOUYHW');
const longest = 4;

/**
 * How a name sounds, coarsely: the letter classes of Soundex (R. C. Russell, US patent 1261167, 1918). Departures: the first letter counts by its class too,
 * as Carl and Karl sound alike; letters of other scripts are classes of their own. @param name in comparable form
 */
export function soundOf(name: string): string {
  let [sound, last] = ['', ''];
  for (const letter of name) {
    if (letter === ' ') continue;
    const is = vowels.has(letter) ? '' : (classes[letter] ?? letter);
    if (is !== '' && is !== last) sound += is;
    if (is === '' && sound === '') sound = 'A';
    last = is;
    if (sound.length >= longest) break;
  }
  return sound;
}
