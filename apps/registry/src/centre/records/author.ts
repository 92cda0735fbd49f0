import type { LoggedIn } from '../../common/logins.ts';

/** A physician who reads or writes, and the card that signs. */
export type Author = Pick<LoggedIn, 'module' | 'physician' | 'certificate' | 'key'>;
