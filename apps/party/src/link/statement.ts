import {
  cosignStatement,
  type RunStatement,
  signStatement,
  type VerifiedAgreement,
  verifyStatement,
} from '@symbolon/agreement';
import {
  documentBytes,
  fault,
  parseDocument,
  type SigningKey,
  SymbolonError,
  unverifiedPayload,
} from '@symbolon/crypto';
import type { Line } from '../run/line.ts';

/** A statement but for what all statements have. */
export type StatementTerms = Omit<RunStatement, 'kind' | 'version'>;

/**
 * Both parties state the same run (PROTOCOLS §1): p0 signs and sends, p1 compares each field with its own view, signs and sends it back.
 * Runs at: both. Learns: nothing new. Throws `peer-disagrees` naming the first field that differs.
 * @returns the statement with both signatures, canonical bytes
 */
export async function agreeOnStatement(params: {
  line: Line;
  index: 0 | 1;
  terms: StatementTerms;
  agreed: VerifiedAgreement;
  signingKey: SigningKey;
}): Promise<Uint8Array> {
  const { line, index, terms, agreed, signingKey } = params;
  if (index === 0) {
    // A stray frame would be taken for the answer, when the peer is done already.
    line.requireQuiet();
    await line.send(documentBytes(signStatement(terms, signingKey)));
    const frame = await line.receive();
    compare(line.peer, frame, terms);
    return verified(line.peer, frame, agreed);
  }
  const frame = await line.receive();
  compare(line.peer, frame, terms);
  const both = documentBytes(cosignStatement(parseDocument(frame), signingKey));
  const result = verified(line.peer, both, agreed);
  await line.send(both);
  return result;
}

/** Field by field, so that the error names what differs. */
function compare(peer: string, frame: Uint8Array, terms: StatementTerms): void {
  const payload = inFrame(peer, () => unverifiedPayload(parseDocument(frame))) as Readonly<Record<string, unknown>>;
  const fields = { kind: 'run', version: 1, ...terms };
  for (const [name, value] of Object.entries(fields)) {
    if (JSON.stringify(payload[name]) === JSON.stringify(value)) continue;
    throw fault('peer-disagrees', `${peer} states another ${name} for this run`, { culprit: peer });
  }
}

function verified(peer: string, frame: Uint8Array, agreed: VerifiedAgreement): Uint8Array {
  return inFrame(peer, () => {
    const document = parseDocument(frame);
    verifyStatement(document, agreed);
    // Not the frame itself: as in a file, a line feed may stand behind the document.
    return documentBytes(document);
  });
}

function inFrame<T>(peer: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SymbolonError)) throw error;
    throw fault(error.code, `the statement of ${peer}: ${error.message}`, { culprit: peer, cause: error });
  }
}
