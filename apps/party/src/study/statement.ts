import {
  type StudyStatement,
  signStudyStatement,
  type VerifiedAgreement,
  verifyStudyStatement,
} from '@symbolon/agreement';
import {
  concat,
  documentBytes,
  equalBytes,
  fault,
  hashLabelled,
  mergeSignatures,
  parseDocument,
  type SigningKey,
  unverifiedPayload,
} from '@symbolon/crypto';
import type { Line } from '../run/line.ts';
import { inStatement, requireSame } from '../run/stated.ts';

const hashBytes = 32;

/**
 * One hash of all frames between all parties. Each tells the others what it saw on its own lines; both ends of a line must have seen the same.
 * Runs at: all parties. Throws `peer-disagrees`.
 * @param own this party's place @param seen with each peer, the hash of all frames with it
 */
export async function agreeOnTranscript(
  own: number,
  lines: ReadonlyMap<number, Line>,
  seen: ReadonlyMap<number, Uint8Array>,
): Promise<Uint8Array> {
  const places = [own, ...lines.keys()].sort((a, b) => a - b);
  const others = (of: number): number[] => places.filter((place) => place !== of);
  await Promise.all(
    [...lines.values()].map((line) => line.send(concat(...others(own).map((peer) => seen.get(peer)!)))),
  );
  const told = new Map<number, ReadonlyMap<number, Uint8Array>>([[own, seen]]);
  for (const [place, line] of lines) {
    const frame = await line.receive(hashBytes * lines.size);
    const hashes = others(place).map((peer, i) => [peer, frame.slice(hashBytes * i, hashBytes * (i + 1))] as const);
    told.set(place, new Map(hashes));
  }
  const all: Uint8Array[] = [];
  for (const low of places) {
    for (const high of places.filter((place) => place > low)) {
      const [one, other] = [told.get(low)!.get(high)!, told.get(high)!.get(low)!];
      if (!equalBytes(one, other)) {
        const culprit = lines.get(low === own ? high : low)!.peer;
        throw fault('peer-disagrees', `${culprit} saw other frames on a line than who is at its other end`, {
          culprit,
        });
      }
      all.push(one);
    }
  }
  return hashLabelled('symbolon study transcript', ...all);
}

/**
 * All parties state the same run (PROTOCOLS §1): each signs and sends, compares every field of the others' statements with its own view, and
 * puts the signatures together. Runs at: all parties. Learns: nothing new. Throws `peer-disagrees` naming the first field that differs.
 * @returns the statement with all signatures, canonical bytes
 */
export async function agreeOnStatement(params: {
  lines: ReadonlyMap<number, Line>;
  terms: Omit<StudyStatement, 'kind' | 'version'>;
  agreed: VerifiedAgreement;
  signingKey: SigningKey;
}): Promise<Uint8Array> {
  const { lines, terms, agreed, signingKey } = params;
  const own = signStudyStatement(terms, signingKey);
  await Promise.all([...lines.values()].map((line) => line.send(documentBytes(own))));
  let all = own;
  for (const line of lines.values()) {
    const frame = await line.receive();
    all = inStatement(line.peer, () => {
      const document = parseDocument(frame);
      const stated = unverifiedPayload(document);
      requireSame(line.peer, stated, { kind: 'study-run', version: 1, ...terms });
      return mergeSignatures(all, document);
    });
  }
  verifyStudyStatement(all, agreed);
  return documentBytes(all);
}
