import { fault, type SymbolonError } from '@symbolon/crypto';
import type { Request, Token, Told } from './requests.ts';

/** What came back instead of an answer. */
type Failure = Extract<Told, { failed: string }>;

const triesLeft: Readonly<Record<Token['pin'], string>> = {
  good: 'the PIN is wrong',
  low: 'the PIN is wrong; after a few more wrong ones the card locks itself',
  last: 'the PIN is wrong; one more wrong one, and the card locks itself',
  locked: 'the PIN is locked after too many wrong ones',
};

const removed =
  /^CKR_(DEVICE_REMOVED|TOKEN_NOT_(PRESENT|RECOGNIZED)|SESSION_(HANDLE_INVALID|CLOSED)|USER_NOT_LOGGED_IN|SLOT_ID_INVALID|KEY_HANDLE_INVALID|OBJECT_HANDLE_INVALID)$/;

/** What PKCS#11 returned, in words. Nothing in it says what was signed, opened or typed. */
export function cardFault({ failed, pin }: Failure, ask: Request['ask'], driver: string): SymbolonError {
  if (failed === 'CKR_PIN_LOCKED') return fault('card-pin', triesLeft.locked);
  if (failed === 'CKR_PIN_EXPIRED') return fault('card-pin', 'the PIN has to be changed first');
  if (failed.startsWith('CKR_PIN_')) return fault('card-pin', triesLeft[pin ?? 'good']);
  if (failed === 'CKR_FUNCTION_CANCELED' || failed === 'CKR_FUNCTION_REJECTED') {
    return fault('card-pin', 'no PIN was typed on the reader');
  }
  if (removed.test(failed)) return fault('card-removed', `the card is not in its reader any more (${failed})`);
  if (failed === 'not-loaded') {
    return fault('card-driver', `${driver} is no PKCS#11 module for this machine`, { culprit: driver });
  }
  // Cards have many names for what they cannot open.
  if (ask === 'decrypt' || ask === 'agree') return fault('sealed-text', 'it was not sealed for this card');
  return fault('card-driver', `the card's driver failed (${failed})`, { culprit: driver });
}
