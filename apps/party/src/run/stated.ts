import { fault, SymbolonError } from '@symbolon/crypto';

/**
 * Holds a peer's statement about a run against this party's, field by field, so that the error names what differs: `peer-disagrees`.
 * @param payload of the peer's document, not yet verified
 */
export function requireSame(peer: string, payload: unknown, own: object): void {
  const stated: Readonly<Record<string, unknown>> = { ...(payload as object) };
  for (const [name, value] of Object.entries(own)) {
    if (sorted(stated[name]) === sorted(value)) continue;
    throw fault('peer-disagrees', `${peer} states another ${name} for this run`, { culprit: peer });
  }
  // What may be absent here would be signed unseen.
  if (Object.keys(stated).every((name) => Object.hasOwn(own, name))) return;
  throw fault('peer-disagrees', `${peer} states more about this run than was seen here`, { culprit: peer });
}

/** As JSON with the keys of objects in order. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** Reads a peer's statement; what is wrong with it says whose it is. */
export function inStatement<T>(peer: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SymbolonError)) throw error;
    throw fault(error.code, `the statement of ${peer}: ${error.message}`, { culprit: peer, cause: error });
  }
}
