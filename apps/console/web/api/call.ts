import { type Answer, addressOf, type Input, type LooseInput, type OperationName, pathOf } from './operations.ts';
import { Problem, problemOf } from './problem.ts';

// The token that a page of another site cannot know; the server gives it with `getMe` and at the login. In memory only.
let csrf: string | undefined;
let onLoggedOut: () => void = () => {};

/** Keeps the CSRF token of the session. */
export function keepCsrf(token: string | undefined): void {
  csrf = token;
}

/** @param listener called when the server does not know the session any more */
export function whenLoggedOut(listener: () => void): void {
  onLoggedOut = listener;
}

/** What a page of another site cannot send; belongs to every request that may change something. */
export function csrfHeader(): Record<string, string> {
  return csrf === undefined ? {} : { 'x-csrf-token': csrf };
}

type Heard = (name: OperationName, outcome: { readonly answer?: unknown; readonly code?: string }) => void;
const listeners = new Set<Heard>();

/** Calls `listener` with every answer, and with the code of every refusal. @returns stops listening */
export function whenAnswered(listener: Heard): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Lets listeners know of an answer or a refusal. */
export function tell(...heard: Parameters<Heard>): void {
  for (const listener of listeners) listener(...heard);
}

/** Asks the server. A POST that got no answer is sent once more under its idempotency key, and done once. Throws {@link Problem}. */
export async function call<Name extends OperationName>(
  name: Name,
  input: Input<Name>,
  signal?: AbortSignal,
): Promise<Answer<Name>> {
  const response = await send(name, input as LooseInput, signal);
  if (response.status === 204) return undefined as Answer<Name>;
  const answer = (await response.json()) as Answer<Name>;
  tell(name, { answer });
  return answer;
}

/** The same, for an answer that is bytes or text. */
export async function send(name: OperationName, input: LooseInput, signal?: AbortSignal): Promise<Response> {
  const [method] = addressOf(name);
  const request: RequestInit = {
    method,
    credentials: 'same-origin',
    headers: {
      accept: 'application/json',
      ...(input.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(method === 'GET' ? {} : csrfHeader()),
      ...(method === 'POST' ? { 'idempotency-key': crypto.randomUUID() } : {}),
    },
    ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
    ...(signal === undefined ? {} : { signal }),
  };
  const ask = (): Promise<Response> => fetch(pathOf(name, input), request);
  const response = await ask().catch((error: unknown) => {
    if (signal?.aborted === true) throw error;
    return ask().catch(() => {
      throw new Problem('offline', '');
    });
  });
  if (response.ok) return response;
  throw await refused(name, response);
}

/** The problem that an answer holds; listeners know of it, and whoever is logged out is shown the login. */
export async function refused(name: OperationName, response: Response): Promise<Problem> {
  const problem = await problemOf(response);
  tell(name, { code: problem.code });
  if (problem.code === 'unauthenticated' && csrf !== undefined) {
    // Once: what is asked then is refused too.
    csrf = undefined;
    onLoggedOut();
  }
  return problem;
}
