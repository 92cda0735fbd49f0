import { execFileSync } from 'node:child_process';
import { createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { base64url } from '@symbolon/crypto';
import type { Handle, Module } from '../../src/card/pkcs11.ts';

/** SoftHSM, where Debian has it. */
export const softHsm = '/usr/lib/softhsm/libsofthsm2.so';

/** Whether cards can be played by SoftHSM here; says so where not. */
export function softHsmIsHere(): boolean {
  const compiled = existsSync(new URL('../../../../node_modules/pkcs11js/build/Release/pkcs11.node', import.meta.url));
  const here = existsSync(softHsm) && compiled;
  if (!here) {
    const what = compiled ? 'SoftHSM is not installed' : 'pkcs11js is not compiled';
    console.log(`skipped: ${what} (apt-get install g++ softhsm2, then: npm run setup)`);
  }
  return here;
}

export const softKinds = ['rsa-2048', 'rsa-3072', 'P-256', 'P-384'] as const;
export type SoftKind = (typeof softKinds)[number];

/** PIN of all cards that tests play. */
export const softPin = '4711';
export const pinBytes = (pin = softPin) => new Uint8Array(Buffer.from(pin));

/** Certifies a card's key. */
export type Certify = (key: KeyObject) => Promise<Uint8Array>;

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

  /** Makes a card: its key is generated on it. @param name its label */
  async insert(name: string, kind: SoftKind, certify: Certify): Promise<void> {
    const args = ['--init-token', '--free', '--label', name, '--pin', softPin, '--so-pin', '00000000'];
    execFileSync('softhsm2-util', args, { env: this.env, stdio: 'ignore' });
    await this.#within(name, async (module, session) => {
      const publicKey = generate(module, session, kind);
      store(module, session, await certify(publicKey));
    });
  }

  /** SoftHSM in this process, for as long as that takes: it reads the environment when it is initialised. */
  async #within(name: string, work: (module: Module, session: Handle) => Promise<void>): Promise<void> {
    const { pkcs11 } = await import('../../src/card/pkcs11.ts');
    process.env.SOFTHSM2_CONF = this.env.SOFTHSM2_CONF;
    const module = new pkcs11.PKCS11();
    module.load(softHsm);
    module.C_Initialize();
    try {
      const slot = module.C_GetSlotList(true).find((one) => module.C_GetTokenInfo(one).label.trim() === name)!;
      const session = module.C_OpenSession(slot, pkcs11.CKF_SERIAL_SESSION | pkcs11.CKF_RW_SESSION);
      module.C_Login(session, pkcs11.CKU_USER, softPin);
      constants = pkcs11;
      await work(module, session);
    } finally {
      module.C_Finalize();
      module.close();
    }
  }
}

let constants: typeof import('../../src/card/pkcs11.ts').pkcs11;

const id = Buffer.from([1]);
const curves = { 'P-256': '06082a8648ce3d030107', 'P-384': '06052b81040022' } as const;

function generate(module: Module, session: Handle, kind: SoftKind): KeyObject {
  const c = constants;
  const common = [
    { type: c.CKA_TOKEN, value: true },
    { type: c.CKA_ID, value: id },
  ];
  const secret = [
    ...common,
    { type: c.CKA_PRIVATE, value: true },
    { type: c.CKA_SENSITIVE, value: true },
    { type: c.CKA_EXTRACTABLE, value: false },
    { type: c.CKA_SIGN, value: true },
  ];
  if (kind === 'P-256' || kind === 'P-384') {
    const parameters = { type: c.CKA_EC_PARAMS, value: Buffer.from(curves[kind], 'hex') };
    const { publicKey } = module.C_GenerateKeyPair(
      session,
      { mechanism: c.CKM_EC_KEY_PAIR_GEN },
      [...common, parameters],
      [...secret, { type: c.CKA_DERIVE, value: true }],
    );
    const der = module.C_GetAttributeValue(session, publicKey, [{ type: c.CKA_EC_POINT }])[0]!.value;
    const half = kind === 'P-256' ? 32 : 48;
    const [x, y] = [der.subarray(-2 * half, -half), der.subarray(-half)].map((part) => base64url(part));
    return createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: kind, x: x!, y: y! } });
  }
  const { publicKey } = module.C_GenerateKeyPair(
    session,
    { mechanism: c.CKM_RSA_PKCS_KEY_PAIR_GEN },
    [
      ...common,
      { type: c.CKA_MODULUS_BITS, value: Number(kind.slice(4)) },
      { type: c.CKA_PUBLIC_EXPONENT, value: Buffer.from([1, 0, 1]) },
    ],
    [...secret, { type: c.CKA_DECRYPT, value: true }],
  );
  const [n, e] = module
    .C_GetAttributeValue(session, publicKey, [{ type: c.CKA_MODULUS }, { type: c.CKA_PUBLIC_EXPONENT }])
    .map(({ value }) => base64url(value));
  return createPublicKey({ format: 'jwk', key: { kty: 'RSA', n: n!, e: e! } });
}

function store(module: Module, session: Handle, certificate: Uint8Array): void {
  const c = constants;
  module.C_CreateObject(session, [
    { type: c.CKA_CLASS, value: c.CKO_CERTIFICATE },
    { type: c.CKA_CERTIFICATE_TYPE, value: c.CKC_X_509 },
    { type: c.CKA_TOKEN, value: true },
    { type: c.CKA_PRIVATE, value: false },
    { type: c.CKA_ID, value: id },
    { type: c.CKA_SUBJECT, value: Buffer.alloc(0) },
    { type: c.CKA_VALUE, value: Buffer.from(certificate) },
  ]);
}
