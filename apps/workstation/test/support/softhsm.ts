import { execFileSync } from 'node:child_process';
import type { KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** SoftHSM, where Debian has it. */
export const softHsm = '/usr/lib/softhsm/libsofthsm2.so';

const compiled = new URL('../../../../node_modules/pkcs11js/build/Release/pkcs11.node', import.meta.url);

/** Whether cards can be played by SoftHSM here; says so where not. */
export function softHsmIsHere(): boolean {
  const missing = !existsSync(softHsm)
    ? 'SoftHSM is not installed'
    : existsSync(compiled)
      ? undefined
      : 'pkcs11js is not compiled';
  if (missing !== undefined) console.log(`skipped: ${missing} (apt-get install g++ softhsm2, then: npm run setup)`);
  return missing === undefined;
}

export const softKinds = ['rsa-2048', 'rsa-3072', 'P-256', 'P-384'] as const;

/** PIN of all cards that tests play. */
export const softPin = '4711';
export const pinBytes = (pin = softPin) => new Uint8Array(Buffer.from(pin));

const id = '01';

/** A folder of SoftHSM's with cards in it, and the environment in which drivers find it. */
export class SoftReaders {
  readonly env: NodeJS.ProcessEnv;

  constructor(folder: string) {
    const tokens = join(folder, 'tokens');
    mkdirSync(tokens);
    const conf = join(folder, 'softhsm2.conf');
    writeFileSync(conf, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`);
    this.env = { ...process.env, SOFTHSM2_CONF: conf };
  }

  /**
   * Makes a card with a key and the certificates that say whose it is, the key's own first.
   * @param name its label @param asksAgain whether the PIN is wanted before each use of the key
   */
  async insert(
    name: string,
    { privateKey, chain }: { privateKey: KeyObject; chain: readonly Uint8Array[] },
    { asksAgain = false } = {},
  ): Promise<void> {
    const args = ['--init-token', '--free', '--label', name, '--so-pin', '00000000', '--pin', softPin];
    execFileSync('softhsm2-util', args, { env: this.env, stdio: 'ignore' });
    const { pkcs11 } = await import('../../src/card/pkcs11.ts');
    // It reads the environment of this process when it is initialised.
    process.env.SOFTHSM2_CONF = this.env.SOFTHSM2_CONF;
    const module = new pkcs11.PKCS11();
    module.load(softHsm);
    module.C_Initialize();
    try {
      const slot = module.C_GetSlotList(true).find((one) => module.C_GetTokenInfo(one).label.trim() === name)!;
      const session = module.C_OpenSession(slot, pkcs11.CKF_SERIAL_SESSION | pkcs11.CKF_RW_SESSION);
      module.C_Login(session, pkcs11.CKU_USER, softPin);
      module.C_CreateObject(session, [
        { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_PRIVATE_KEY },
        { type: pkcs11.CKA_TOKEN, value: true },
        { type: pkcs11.CKA_PRIVATE, value: true },
        { type: pkcs11.CKA_SENSITIVE, value: true },
        { type: pkcs11.CKA_EXTRACTABLE, value: false },
        { type: pkcs11.CKA_ID, value: Buffer.from(id, 'hex') },
        { type: pkcs11.CKA_SIGN, value: true },
        { type: pkcs11.CKA_ALWAYS_AUTHENTICATE, value: asksAgain },
        ...keyAttributes(pkcs11, privateKey),
      ]);
      for (const [i, certificate] of chain.entries()) {
        module.C_CreateObject(session, [
          { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_CERTIFICATE },
          { type: pkcs11.CKA_CERTIFICATE_TYPE, value: pkcs11.CKC_X_509 },
          { type: pkcs11.CKA_TOKEN, value: true },
          { type: pkcs11.CKA_PRIVATE, value: false },
          { type: pkcs11.CKA_ID, value: Buffer.from(i === 0 ? id : `f${i}`, 'hex') },
          { type: pkcs11.CKA_SUBJECT, value: Buffer.alloc(0) },
          { type: pkcs11.CKA_VALUE, value: Buffer.from(certificate) },
        ]);
      }
    } finally {
      module.C_Finalize();
      module.close();
    }
  }
}

const curves: Readonly<Record<string, string>> = { 'P-256': '06082a8648ce3d030107', 'P-384': '06052b81040022' };

function keyAttributes(pkcs11: typeof import('../../src/card/pkcs11.ts').pkcs11, key: KeyObject) {
  const jwk = key.export({ format: 'jwk' });
  const number = (type: number, part: 'n' | 'e' | 'd' | 'p' | 'q' | 'dp' | 'dq' | 'qi') => ({
    type,
    value: Buffer.from(jwk[part]!, 'base64url'),
  });
  if (jwk.kty === 'EC') {
    return [
      { type: pkcs11.CKA_KEY_TYPE, value: pkcs11.CKK_EC },
      { type: pkcs11.CKA_EC_PARAMS, value: Buffer.from(curves[jwk.crv!]!, 'hex') },
      { type: pkcs11.CKA_DERIVE, value: true },
      number(pkcs11.CKA_VALUE, 'd'),
    ];
  }
  return [
    { type: pkcs11.CKA_KEY_TYPE, value: pkcs11.CKK_RSA },
    { type: pkcs11.CKA_DECRYPT, value: true },
    number(pkcs11.CKA_MODULUS, 'n'),
    number(pkcs11.CKA_PUBLIC_EXPONENT, 'e'),
    number(pkcs11.CKA_PRIVATE_EXPONENT, 'd'),
    number(pkcs11.CKA_PRIME_1, 'p'),
    number(pkcs11.CKA_PRIME_2, 'q'),
    number(pkcs11.CKA_EXPONENT_1, 'dp'),
    number(pkcs11.CKA_EXPONENT_2, 'dq'),
    number(pkcs11.CKA_COEFFICIENT, 'qi'),
  ];
}
