import { fault } from '@symbolon/crypto';

/** Characters that a password has at least. NIST SP 800-63B asks for length and for a list of bad ones, and against other rules. */
export const minPasswordLength = 12;
const minDifferent = 5;
/** Characters that are left at least when the words that are guessed first are taken out. */
const minOwn = 8;

/** What people make long passwords of. */
const common = [
  'password passwort passw0rd p@ssword p@ssw0rd passphrase kennwort secret geheim changeme letmein welcome willkommen',
  'admin administrator root user login default master superuser testing temporary demo guest hello hallo',
  'qwertyuiop qwertzuiop qwerty qwertz azerty asdfghjkl asdfgh zxcvbnm yxcvbnm 1q2w3e4r5t 1q2w3e4r 1qaz2wsx qazwsx q1w2e3r4',
  'abcdefghijklmnopqrstuvwxyz abcdefghijkl abcdef iloveyou iloveu sunshine princess football baseball dragon monkey shadow',
  'superman batman trustno1 starwars whatever freedom michael jennifer charlie jordan computer internet correct horse battery staple',
  'summer winter autumn spring sommer herbst monday friday january december hospital clinic insurance health medical patient doctor',
  'nurse symbolon 1234567890 0123456789 123456789 12345678 123456 12345 1234 987654321 654321 112233',
].flatMap((line) => line.split(' '));

/**
 * Throws `password-weak` for a password that is short, monotonous, or little more than words that are guessed first.
 * @param known ids and names of this user and organisation, which are guessed as early as common words
 */
export function requireGoodPassword(password: string, known: readonly string[]): void {
  if ([...password].length < minPasswordLength) throw weak(`has fewer than ${minPasswordLength} characters`);
  if (new Set(password).size < minDifferent) throw weak(`has fewer than ${minDifferent} different characters`);
  const names = known.flatMap((text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u)).filter((word) => word.length > 2);
  if (own(password, [...common, ...names]) < minOwn) {
    throw weak('is little more than common words, your name or that of your organisation');
  }
}

/** How many characters are left without the words; longer words go first. */
function own(password: string, words: readonly string[]): number {
  const longest = [...words].sort((a, b) => b.length - a.length);
  const rest = longest.reduce((left, word) => left.replaceAll(word, ' '), password.toLowerCase());
  return rest.replace(/\s/gu, '').length;
}

function weak(why: string) {
  return fault('password-weak', `the password ${why}`);
}
