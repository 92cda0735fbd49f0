import { constants, createECDH, type KeyObject, privateDecrypt } from 'node:crypto';
import { p256, p384 } from '@noble/curves/nist.js';
import { readTlv, tlv } from './tlv.ts';

/** A key of a PIV card, by its slot: 9A signs, 9D is sealed to. */
export interface PivKey {
  readonly privateKey: KeyObject;
  /** DER. */
  readonly certificate: Uint8Array;
}

export type PivKeys = Readonly<Record<'9a' | '9d', PivKey>>;

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const application = hex('a000000308 00001000 0100');
const tries = 3;
const longestAnswer = 256;

// Words of ISO 7816-4 §5.1.3.
const words = {
  good: '9000',
  notFound: '6a82',
  noKey: '6a88',
  wrongData: '6a80',
  pinNeeded: '6982',
  locked: '6983',
  unknown: '6d00',
};

/**
 * A PIV card (NIST SP 800-73-4) as far as OpenSC asks one: SELECT, VERIFY, GET DATA, GENERAL AUTHENTICATE. It says that it is a YubiKey 5, because
 * OpenSC uses the elliptic curves of no other PIV card.
 */
export class PivCard {
  readonly atr = hex('3bfd1300008131fe158073c021c057597562694b657940');
  readonly #pin: string;
  readonly #keys: PivKeys;
  readonly #objects: Map<string, Buffer>;
  #command = Buffer.alloc(0);
  #answer: Buffer = Buffer.alloc(0);
  #verified = false;
  #tries = tries;

  /** @param guid 16 bytes, hexadecimal: what drivers take for the card's serial number */
  constructor({ pin, guid, keys }: { pin: string; guid: string; keys: PivKeys }) {
    this.#pin = pin;
    this.#keys = keys;
    this.#objects = new Map([
      ['5fc102', cardHolder(guid)],
      ['5fc107', capabilities()],
      ['7e', tlv('7e', tlv('4f', application), tlv('5f2f', hex('4000')))],
      ['5fc105', certificateObject(keys['9a'])],
      ['5fc10b', certificateObject(keys['9d'])],
    ]);
  }

  /** Without power it forgets who has shown a PIN. */
  reset(): void {
    this.#verified = false;
    this.#command = Buffer.alloc(0);
    this.#answer = Buffer.alloc(0);
  }

  /** Answers a command (ISO 7816-4 §5.1), data and two words of status. */
  transmit(command: Buffer): Buffer {
    const [type, instruction, p1, p2] = command as unknown as [number, number, number, number];
    const { data, expected } = partsOf(command);
    this.#command = Buffer.concat([this.#command, data]);
    // §5.1.1.1: more of the command follows.
    if ((type & 0x10) !== 0) return hex(words.good);
    const whole = this.#command;
    this.#command = Buffer.alloc(0);
    if (instruction === 0xa4) return this.#select(whole);
    if (instruction === 0xcb) return this.#getData(whole, expected);
    if (instruction === 0xc0) return this.#next(expected);
    if (instruction === 0x20) return this.#verify(whole);
    if (instruction === 0x87) return this.#authenticate(p1, p2.toString(16), whole);
    // GET VERSION of YubiKeys.
    if (instruction === 0xfd) return Buffer.concat([hex('050403'), hex(words.good)]);
    return hex(words.unknown);
  }

  #select(name: Buffer): Buffer {
    if (name.length < 5 || !application.subarray(0, name.length).equals(name)) return hex(words.notFound);
    const authority = tlv('79', tlv('4f', application.subarray(0, 5)));
    return this.#send(tlv('61', tlv('4f', application.subarray(5)), authority));
  }

  #getData(asked: Buffer, expected: number): Buffer {
    const object = this.#objects.get(readTlv(asked).get(0x5c)?.toString('hex') ?? '');
    return object === undefined ? hex(words.notFound) : this.#send(object, expected);
  }

  #verify(typed: Buffer): Buffer {
    if (typed.length === 0) return hex(this.#verified ? words.good : `63c${this.#tries}`);
    if (this.#tries === 0) return hex(words.locked);
    this.#verified = typed.toString('latin1').replace(/\xff+$/, '') === this.#pin;
    this.#tries = this.#verified ? tries : this.#tries - 1;
    if (this.#verified) return hex(words.good);
    return hex(this.#tries === 0 ? words.locked : `63c${this.#tries}`);
  }

  /** SP 800-73-4 part 2 §3.2.4: a challenge (81) is signed or decrypted as it is, a point (85) is multiplied. */
  #authenticate(_algorithm: number, slot: string, data: Buffer): Buffer {
    const key = this.#keys[slot as keyof PivKeys]?.privateKey;
    if (key === undefined) return hex(words.noKey);
    if (!this.#verified) return hex(words.pinNeeded);
    const parts = readTlv(readTlv(data).get(0x7c) ?? Buffer.alloc(0));
    const [challenge, point] = [parts.get(0x81), parts.get(0x85)];
    let made: Buffer | undefined;
    try {
      made = point !== undefined ? multiplied(key, point) : challenge && signed(key, challenge);
    } catch {
      // A point that is not on the curve, a number above the modulus.
    }
    return made === undefined ? hex(words.wrongData) : this.#send(tlv('7c', tlv('82', made)));
  }

  #send(answer: Buffer, expected = 0): Buffer {
    this.#answer = answer;
    return this.#next(expected);
  }

  /** §11.7.1, GET RESPONSE: what did not fit. */
  #next(expected: number): Buffer {
    const length = Math.min(this.#answer.length, expected || longestAnswer);
    const part = this.#answer.subarray(0, length);
    this.#answer = this.#answer.subarray(length);
    const left = Math.min(0xff, this.#answer.length);
    return Buffer.concat([part, left === 0 ? hex(words.good) : Buffer.from([0x61, left])]);
  }
}

/** Data and expected length of a command, short or extended (ISO 7816-4 §5.1, case 1 to 4). */
function partsOf(command: Buffer): { data: Buffer; expected: number } {
  if (command.length <= 5) return { data: Buffer.alloc(0), expected: command[4] ?? 0 };
  if (command[4] === 0 && command.length > 7) {
    return { data: command.subarray(7, 7 + command.readUInt16BE(5)), expected: 0 };
  }
  const end = 5 + command[4]!;
  return { data: command.subarray(5, end), expected: command[end] ?? 0 };
}

function cardHolder(guid: string): Buffer {
  const agency = hex('d4e739da739ced39ce739d836858210842108421c84210c3eb');
  const expires = Buffer.from('20491231');
  return tlv('53', tlv('30', agency), tlv('34', hex(guid)), tlv('35', expires), tlv('3e'), tlv('fe'));
}

function capabilities(): Buffer {
  const empty = ['f300', 'f600', 'f700', 'fa00', 'fb00', 'fc00', 'fd00', 'fe00'].map(hex);
  const identifier = tlv('f0', hex(`a000000116ff02${'00'.repeat(14)}`));
  return tlv('53', identifier, hex('f10121'), hex('f20121'), hex('f40100'), hex('f50110'), ...empty);
}

const certificateObject = ({ certificate }: PivKey) => tlv('53', tlv('70', certificate), hex('710100'), tlv('fe'));

function privateScalar(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: 'jwk' }).d!, 'base64url');
}

function multiplied(key: KeyObject, point: Buffer): Buffer {
  const ecdh = createECDH(key.asymmetricKeyDetails!.namedCurve!);
  ecdh.setPrivateKey(privateScalar(key));
  return ecdh.computeSecret(point);
}

/** The hash is made before: ECDSA of what comes; RSA, m^d mod n, which signs and decrypts. */
function signed(key: KeyObject, input: Buffer): Buffer {
  if (key.asymmetricKeyType === 'rsa') return privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, input);
  const curve = key.asymmetricKeyDetails!.namedCurve === 'secp384r1' ? p384 : p256;
  return Buffer.from(curve.sign(input, privateScalar(key), { prehash: false, format: 'der', lowS: false }));
}
