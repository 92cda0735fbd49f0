import {
  cosignStatement,
  type RunStatement,
  signStatement,
  type VerifiedAgreement,
  verifyStatement,
} from '@symbolon/agreement';
import { documentBytes, parseDocument, type SigningKey, unverifiedPayload } from '@symbolon/crypto';
import type { Line } from '../run/line.ts';
import { inStatement, requireSame } from '../run/stated.ts';

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

function compare(peer: string, frame: Uint8Array, terms: StatementTerms): void {
  const stated = inStatement(peer, () => unverifiedPayload(parseDocument(frame)));
  requireSame(peer, stated, { kind: 'run', version: 1, ...terms });
}

function verified(peer: string, frame: Uint8Array, agreed: VerifiedAgreement): Uint8Array {
  return inStatement(peer, () => {
    const document = parseDocument(frame);
    verifyStatement(document, agreed);
    // Not the frame itself: as in a file, a line feed may stand behind the document.
    return documentBytes(document);
  });
}
