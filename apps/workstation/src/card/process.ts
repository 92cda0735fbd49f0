import { agreeWith, decryptWith, signWith } from './operations.ts';
import { type Module, pkcs11 } from './pkcs11.ts';
import type { Answers, Request, Told } from './requests.ts';
import {
  codeOf,
  isThere,
  NoSuchCard,
  openSession,
  PinRefused,
  readCertificates,
  readReaders,
  type Session,
} from './token.ts';

// The main file of a process that has one PKCS#11 module, and at most one card: modules block while a card works or a person types, and some crash.
// It ends with its parent's end of the channel.

const [, , path] = process.argv;
const module: Module = new pkcs11.PKCS11();
let session: Session | undefined;
let failedToLoad = '';
try {
  module.load(path!);
  module.C_Initialize();
} catch (error) {
  failedToLoad = codeOf(error) || 'not-loaded';
}

process.on('message', (request: Request) => process.send!(told(request)));
process.on('disconnect', () => {
  logOut();
  process.exit(0);
});

/** Of a card that is not there any more, there is nobody to log out. */
function logOut(): void {
  try {
    if (session !== undefined) module.C_Logout(session.handle);
    module.C_Finalize();
  } catch {
    // The process ends anyway.
  }
}

function told(request: Request): Told {
  if (failedToLoad !== '') return { failed: failedToLoad };
  try {
    return { answer: answer(request) };
  } catch (error) {
    if (error instanceof PinRefused) return { failed: error.code, pin: error.pin };
    if (error instanceof NoSuchCard) return { failed: error.message };
    if (session !== undefined && !isThere(session)) return { failed: 'CKR_DEVICE_REMOVED' };
    return { failed: codeOf(error) || 'unexpected' };
  }
}

function answer(request: Request): Answers[Request['ask']] {
  if (request.ask === 'readers') return readReaders(module);
  if (request.ask === 'open') {
    session = openSession(module, request.card, request.pin);
    return readCertificates(session);
  }
  if (session === undefined) throw new NoSuchCard('CKR_SESSION_HANDLE_INVALID');
  if (request.ask === 'sign') return signWith(session, request.key, request.message);
  if (request.ask === 'agree') return agreeWith(session, request.key, request.point);
  return decryptWith(session, request.key, request.input, request.bytes);
}
