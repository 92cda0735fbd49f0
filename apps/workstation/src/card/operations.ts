import { createHash } from 'node:crypto';
import { oaepUnpad } from '@symbolon/consent';
import { type Handle, pkcs11 } from './pkcs11.ts';
import { attribute, codeOf, privateKey, type Session } from './token.ts';

// What is asked of a card's keys, by mechanisms that nearly all cards have: hashes and paddings are computed here.

const longestOutput = 512;
// CKZ_DATA_SPECIFIED: the label stands in the parameters; there is none.
const dataSpecified = 1;
// RFC 8017 §9.2, note 1: DigestInfo of SHA-256.
const sha256Info = Buffer.from('3031300d060960864801650304020105000420', 'hex');

/** RSA: RSASSA-PKCS1-v1_5 with SHA-256. EC: ECDSA, r ‖ s, with SHA-256 on P-256 and SHA-384 on P-384. */
export function signWith(session: Session, id: string, message: Uint8Array): Uint8Array {
  const key = privateKey(session, id);
  const isRsa = keyType(session, key) === pkcs11.CKK_RSA;
  const text = isRsa
    ? Buffer.concat([sha256Info, createHash('sha256').update(message).digest()])
    : createHash(hashOfCurve(session, key)).update(message).digest();
  const { module, handle } = session;
  module.C_SignInit(handle, { mechanism: isRsa ? pkcs11.CKM_RSA_PKCS : pkcs11.CKM_ECDSA }, key);
  authenticateAgain(session, key);
  return new Uint8Array(module.C_Sign(handle, text, Buffer.alloc(longestOutput)));
}

// DER of the object identifier of secp384r1 (RFC 5480 §2.1.1.1).
const p384 = '06052b81040022';

function hashOfCurve(session: Session, key: Handle): string {
  return attribute(session, key, pkcs11.CKA_EC_PARAMS).toString('hex') === p384 ? 'sha384' : 'sha256';
}

// Softer errors than "wrong": the card, or its driver, has no such mechanism, or not with these parameters or this key.
const notThisWay =
  /^CKR_(MECHANISM(_PARAM)?_INVALID|ARGUMENTS_BAD|KEY_FUNCTION_NOT_PERMITTED|KEY_TYPE_INCONSISTENT|FUNCTION_NOT_SUPPORTED)$/;

/**
 * RSAES-OAEP with SHA-256. Where a card computes c^d mod n, the padding is taken off here: SoftHSM up to 2.6.1 refuses OAEP with SHA-256, and many of
 * OpenSC's cards have none.
 * @param bytes of the modulus
 */
export function decryptWith(session: Session, id: string, input: Uint8Array, bytes: number): Uint8Array {
  const key = privateKey(session, id);
  const has = new Set(session.module.C_GetMechanismList(session.slot));
  if (has.has(pkcs11.CKM_RSA_X_509)) {
    try {
      const opened = decrypt(session, key, { mechanism: pkcs11.CKM_RSA_X_509 }, input);
      const padded = new Uint8Array(bytes);
      padded.set(opened, bytes - opened.length);
      opened.fill(0);
      const text = oaepUnpad(padded);
      padded.fill(0);
      return text;
    } catch (error) {
      if (!notThisWay.test(codeOf(error))) throw error;
    }
  }
  const { CKM_SHA256, CKG_MGF1_SHA256, CK_PARAMS_RSA_OAEP } = pkcs11;
  const parameter = { type: CK_PARAMS_RSA_OAEP, hashAlg: CKM_SHA256, mgf: CKG_MGF1_SHA256, source: dataSpecified };
  return decrypt(session, key, { mechanism: pkcs11.CKM_RSA_PKCS_OAEP, parameter }, input);
}

function decrypt(
  session: Session,
  key: Handle,
  mechanism: Parameters<Session['module']['C_DecryptInit']>[1],
  input: Uint8Array,
): Uint8Array {
  const { module, handle } = session;
  module.C_DecryptInit(handle, mechanism, key);
  authenticateAgain(session, key);
  return new Uint8Array(module.C_Decrypt(handle, Buffer.from(input), Buffer.alloc(longestOutput)));
}

/** ECDH (cofactor 1): the x coordinate of the private key times this point. The object that holds it is of the session, and is destroyed. */
export function agreeWith(session: Session, id: string, point: Uint8Array): Uint8Array {
  const { module, handle } = session;
  const parameter = { type: pkcs11.CK_PARAMS_EC_DH, kdf: pkcs11.CKD_NULL, publicData: Buffer.from(point) };
  const derived = module.C_DeriveKey(
    handle,
    { mechanism: pkcs11.CKM_ECDH1_DERIVE, parameter },
    privateKey(session, id),
    [
      { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_SECRET_KEY },
      { type: pkcs11.CKA_KEY_TYPE, value: pkcs11.CKK_GENERIC_SECRET },
      { type: pkcs11.CKA_TOKEN, value: false },
      { type: pkcs11.CKA_SENSITIVE, value: false },
      { type: pkcs11.CKA_EXTRACTABLE, value: true },
      { type: pkcs11.CKA_VALUE_LEN, value: (point.length - 1) / 2 },
    ],
  );
  try {
    return new Uint8Array(attribute(session, derived, pkcs11.CKA_VALUE));
  } finally {
    module.C_DestroyObject(handle, derived);
  }
}

/** PKCS#11 §11.6, C_Login: keys with CKA_ALWAYS_AUTHENTICATE want the PIN after each beginning of a signature or decryption. */
function authenticateAgain(session: Session, key: Handle): void {
  if (!asksAgain(session, key)) return;
  session.module.C_Login(session.handle, pkcs11.CKU_CONTEXT_SPECIFIC, session.pin ?? '');
}

/** Drivers of older versions do not know the attribute. */
function asksAgain(session: Session, key: Handle): boolean {
  try {
    return attribute(session, key, pkcs11.CKA_ALWAYS_AUTHENTICATE)[0] === 1;
  } catch (error) {
    if (codeOf(error) === 'CKR_ATTRIBUTE_TYPE_INVALID') return false;
    throw error;
  }
}

/** CK_ULONG in the machine's order; its first byte tells the kinds apart. */
function keyType(session: Session, key: Handle): number {
  return attribute(session, key, pkcs11.CKA_KEY_TYPE)[0]!;
}
