/** A reader, as a PKCS#11 module names it (a slot), and the card in it. */
export interface Reader {
  readonly reader: string;
  /** Absent where no card is in it. */
  readonly card?: Token;
}

/** A card, as it says itself. */
export interface Token {
  readonly label: string;
  readonly serial: string;
  readonly model: string;
  /** The PIN is typed on the reader. */
  readonly pinPad: boolean;
  /** How the next wrong PIN ends: `low` and `last` after one or more wrong ones. */
  readonly pin: 'good' | 'low' | 'last' | 'locked';
}

/** Which card: all must be as when readers were listed. */
export interface CardName {
  readonly reader: string;
  readonly label: string;
  readonly serial: string;
}

/** A certificate of a card. `key` names the private key that belongs to it (CKA_ID, hexadecimal); none for those of authorities. */
export interface Certificate {
  readonly der: Uint8Array;
  readonly key: string | undefined;
}

/** What the process that has the PKCS#11 module is asked, one after the other. */
export type Request =
  | { readonly ask: 'readers' }
  | { readonly ask: 'open'; readonly card: CardName; readonly pin: Uint8Array | undefined }
  | { readonly ask: 'sign'; readonly key: string; readonly message: Uint8Array }
  | { readonly ask: 'decrypt'; readonly key: string; readonly input: Uint8Array; readonly bytes: number }
  | { readonly ask: 'agree'; readonly key: string; readonly point: Uint8Array };

/** What each is answered with. */
export interface Answers {
  readonly readers: Reader[];
  readonly open: Certificate[];
  readonly sign: Uint8Array;
  readonly decrypt: Uint8Array;
  readonly agree: Uint8Array;
}

/** An answer on its way, or the name of what PKCS#11 returned instead (CKR_…), with how the PIN stands where it was wrong. */
export type Told =
  | { readonly answer: Answers[keyof Answers] }
  | { readonly failed: string; readonly pin?: Token['pin'] };
