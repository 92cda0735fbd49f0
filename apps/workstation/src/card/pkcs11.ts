import { createRequire } from 'node:module';

type Pkcs11 = typeof import('pkcs11js');

/** pkcs11js, which is CommonJS and native. The set-up compiles it; throws where it could not. */
export const pkcs11: Pkcs11 = createRequire(import.meta.url)('pkcs11js') as Pkcs11;

/** A loaded PKCS#11 module (a driver of cards). */
export type Module = InstanceType<Pkcs11['PKCS11']>;

/** Something of a module's: a slot, a session, an object. */
export type Handle = ReturnType<Module['C_OpenSession']>;
