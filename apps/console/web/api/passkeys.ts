import { call } from './call.ts';
import { Problem } from './problem.ts';
import { queryClient } from './queries.ts';

/** Has the browser make a passkey, and the server keep it. Throws {@link Problem}, `passkey-cancelled` where the browser made none. */
export async function makePasskey(name: string): Promise<void> {
  const options = await call('passkeyOptions', {});
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as unknown as PublicKeyCredentialCreationOptionsJSON,
  );
  const made = await navigator.credentials.create({ publicKey }).catch(cancelled);
  await call('addPasskey', { body: { name, response: jsonOf(made) as never } });
}

/** Logs in with a passkey that the browser asks for. Throws as {@link makePasskey} does. */
export async function logInWithPasskey(): Promise<void> {
  const options = await call('passkeyLoginOptions', {});
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    options as unknown as PublicKeyCredentialRequestOptionsJSON,
  );
  const shown = await navigator.credentials.get({ publicKey }).catch(cancelled);
  await call('logInWithPasskey', { body: { response: jsonOf(shown) as never, session: 'cookie' } });
  await queryClient.resetQueries();
}

function jsonOf(credential: Credential | null): unknown {
  return credential === null ? cancelled() : (credential as PublicKeyCredential).toJSON();
}

function cancelled(): never {
  throw new Problem('passkey-cancelled', '');
}
