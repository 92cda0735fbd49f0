import { type Handle, type Module, pkcs11 } from './pkcs11.ts';
import type { CardName, Certificate, Reader, Token } from './requests.ts';

// PKCS#11 (2.40), as cards of many makers have it: slots, sessions, login, objects. Runs in a process of its own.

// CKF_TOKEN_PRESENT.
const tokenPresent = 1;

/** All slots, and what is in them. Tokens that were never set up are no cards. */
export function readReaders(module: Module): Reader[] {
  return module.C_GetSlotList(false).map((slot) => {
    const reader = text(module.C_GetSlotInfo(slot).slotDescription);
    const card = readToken(module, slot);
    return card === undefined ? { reader } : { reader, card };
  });
}

function readToken(module: Module, slot: Handle): Token | undefined {
  if ((module.C_GetSlotInfo(slot).flags & tokenPresent) === 0) return undefined;
  const { flags, ...info } = module.C_GetTokenInfo(slot);
  if ((flags & pkcs11.CKF_TOKEN_INITIALIZED) === 0) return undefined;
  return {
    label: text(info.label),
    serial: text(info.serialNumber),
    model: text(info.model),
    pinPad: (flags & pkcs11.CKF_PROTECTED_AUTHENTICATION_PATH) !== 0,
    pin: pinOf(flags),
  };
}

function pinOf(flags: number): Token['pin'] {
  if ((flags & pkcs11.CKF_USER_PIN_LOCKED) !== 0) return 'locked';
  if ((flags & pkcs11.CKF_USER_PIN_FINAL_TRY) !== 0) return 'last';
  return (flags & pkcs11.CKF_USER_PIN_COUNT_LOW) === 0 ? 'good' : 'low';
}

/** Fields of a fixed length are filled up with blanks, by some makers with zeros. */
const text = (field: string) => field.replace(/[\0 ]+$/, '');

/** A card with a session in which its user is logged in. */
export interface Session {
  readonly module: Module;
  readonly handle: Handle;
  readonly slot: Handle;
  /** Of keys that ask for it before each use; undefined where it is typed on the reader, or no key asks. */
  readonly pin: string | undefined;
}

/** The PIN was wrong, or is locked; how it stands now. */
export class PinRefused extends Error {
  readonly pin: Token['pin'];
  readonly code: string;

  constructor(code: string, pin: Token['pin']) {
    super(code);
    this.code = code;
    this.pin = pin;
  }
}

/** The card that is named is in no reader. */
export class NoSuchCard extends Error {}

/** Opens a session and logs in, on the reader where it has keys of its own. @param pin overwritten */
export function openSession(module: Module, name: CardName, pin: Uint8Array | undefined): Session {
  const slot = findSlot(module, name);
  const handle = module.C_OpenSession(slot, pkcs11.CKF_SERIAL_SESSION);
  // pkcs11js takes text, which nobody can overwrite: it ends with this process, which is the card's alone.
  const typed = pin === undefined ? '' : Buffer.from(pin).toString('utf8');
  pin?.fill(0);
  try {
    module.C_Login(handle, pkcs11.CKU_USER, typed);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'CKR_USER_ALREADY_LOGGED_IN') return { module, handle, slot, pin: typed };
    throw code.startsWith('CKR_PIN_') ? new PinRefused(code, readToken(module, slot)?.pin ?? 'low') : error;
  }
  return { module, handle, slot, pin: typed };
}

/** Slots may have changed their numbers since they were listed, so the card is found by what it says of itself. */
function findSlot(module: Module, { reader, label, serial }: CardName): Handle {
  const slot = module.C_GetSlotList(true).find((one) => {
    const card = readToken(module, one);
    return (
      card?.label === label && card.serial === serial && text(module.C_GetSlotInfo(one).slotDescription) === reader
    );
  });
  if (slot === undefined) throw new NoSuchCard('CKR_TOKEN_NOT_PRESENT');
  return slot;
}

/** Whether the card is still in its reader: drivers have many names for one that was taken out. */
export function isThere({ module, slot }: Session): boolean {
  try {
    return (module.C_GetSlotInfo(slot).flags & tokenPresent) !== 0;
  } catch {
    return false;
  }
}

/** All certificates of the card, with the private keys that belong to them. */
export function readCertificates(session: Session): Certificate[] {
  const { CKA_CLASS, CKO_CERTIFICATE, CKO_PRIVATE_KEY, CKA_ID, CKA_VALUE } = pkcs11;
  const keys = new Set(
    findObjects(session, [{ type: CKA_CLASS, value: CKO_PRIVATE_KEY }]).map((key) =>
      attribute(session, key, CKA_ID).toString('hex'),
    ),
  );
  return findObjects(session, [{ type: CKA_CLASS, value: CKO_CERTIFICATE }]).map((certificate) => {
    const id = attribute(session, certificate, CKA_ID).toString('hex');
    return { der: new Uint8Array(attribute(session, certificate, CKA_VALUE)), key: keys.has(id) ? id : undefined };
  });
}

/** The private key with this CKA_ID. */
export function privateKey(session: Session, id: string): Handle {
  const { CKA_CLASS, CKO_PRIVATE_KEY, CKA_ID } = pkcs11;
  const [key] = findObjects(session, [
    { type: CKA_CLASS, value: CKO_PRIVATE_KEY },
    { type: CKA_ID, value: Buffer.from(id, 'hex') },
  ]);
  // A card that was taken out and put back has forgotten who logged in, and hides its keys.
  if (key === undefined) throw new NoSuchCard('CKR_DEVICE_REMOVED');
  return key;
}

const mostObjects = 64;

function findObjects({ module, handle }: Session, template: Parameters<Module['C_FindObjectsInit']>[1]): Handle[] {
  module.C_FindObjectsInit(handle, template);
  try {
    return module.C_FindObjects(handle, mostObjects);
  } finally {
    module.C_FindObjectsFinal(handle);
  }
}

/** One attribute of an object. */
export function attribute({ module, handle }: Session, object: Handle, type: number): Buffer {
  return module.C_GetAttributeValue(handle, object, [{ type }])[0]!.value;
}

/** The name of what PKCS#11 returned (CKR_…), else empty. */
export function codeOf(error: unknown): string {
  return error instanceof Error ? (/CKR_\w+/.exec(error.message)?.[0] ?? '') : '';
}
