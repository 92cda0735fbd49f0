import { base64, concat, fault, fromBase64, SymbolonError } from '@symbolon/crypto';

const header = 'c2sp.org/tlog-proof@v1';
const saltLength = 32;
const maxHashes = 63;

/** Proof of one entry that needs nothing but keys to be verified. */
export interface EntryProof {
  readonly index: number;
  /** Canonical JSON. */
  readonly event: Uint8Array;
  /** 32 bytes. */
  readonly salt: Uint8Array;
  /** Sibling hashes from the leaf upwards. */
  readonly hashes: readonly Uint8Array[];
  /** The checkpoint as a signed note, with the cosignatures it has. */
  readonly checkpoint: string;
}

/** A proof as a file (C2SP tlog-proof); its extra data is salt ‖ event. */
export function writeProof({ index, event, salt, hashes, checkpoint }: EntryProof): string {
  const lines = [header, `extra ${base64(concat(salt, event))}`, `index ${index}`, ...hashes.map(base64)];
  return `${lines.join('\n')}\n\n${checkpoint}`;
}

/** Reads what {@link writeProof} wrote, verifying nothing. Throws `bad-document`. */
export function parseProof(text: string): EntryProof {
  const end = text.indexOf('\n\n');
  const [first, extra, index, ...hashes] = text.slice(0, Math.max(end, 0)).split('\n');
  const data = decoded(/^extra (\S+)$/.exec(extra ?? '')?.[1]);
  const [, number] = /^index (0|[1-9]\d{0,15})$/.exec(index ?? '') ?? [];
  const siblings = hashes.map(decoded);
  const sound =
    first === header &&
    data !== undefined &&
    data.length > saltLength &&
    Number.isSafeInteger(Number(number)) &&
    siblings.length <= maxHashes &&
    siblings.every((hash) => hash?.length === 32);
  if (!sound) throw fault('bad-document', 'not the proof of an entry of a log');
  return {
    index: Number(number),
    salt: data.subarray(0, saltLength),
    event: data.subarray(saltLength),
    hashes: siblings as Uint8Array[],
    checkpoint: text.slice(end + 2),
  };
}

function decoded(text: string | undefined): Uint8Array | undefined {
  try {
    return text === undefined ? undefined : fromBase64(text);
  } catch (error) {
    if (error instanceof SymbolonError) return undefined;
    throw error;
  }
}
