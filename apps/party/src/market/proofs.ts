import { type Card, type UseStatement, useId } from '@symbolon/agreement';
import { canonicalBytes, equalBytes, fault, fromBase64url, utf8 } from '@symbolon/crypto';
import { type VerifierKey, verifyProof } from '@symbolon/ledger';
import { epochOf, type Home, witnessName } from '@symbolon/service';
import type { StatementFile } from './statements.ts';

/** Where a log says of a run that it was made. */
export interface RunProof {
  readonly attempt: string;
  /** Number of the entry; null where the issuer's log did not hold it yet. */
  readonly entry: number | null;
  /** Ids of those whose keys are known here and who have cosigned a checkpoint of the log with this entry in it. */
  readonly witnesses: readonly string[];
}

/**
 * Verifies that the log of a statement's issuer holds the signed statement of each run: the path to a checkpoint, its signature, and the cosignatures of
 * those who are known here.
 *
 * @param runs with what their statements say
 * @returns null where the issuer's log key is not known here
 * @throws SymbolonError `bad-document`, `bad-signature`, `peer-disagrees` naming the issuer
 */
export function verifyRunProofs(
  { card, partners }: Pick<Home, 'card' | 'partners'>,
  issuer: string,
  runs: readonly (StatementFile['runs'][number] & { readonly of: UseStatement })[],
): RunProof[] | null {
  const owner = issuer === card.id ? card : partners.find(issuer);
  if (owner === undefined) return null;
  const witnesses = [card, ...partners.list()].filter(({ id }) => id !== issuer);
  return runs.map(({ of, statement, proof }) => {
    const attempt = useId(of);
    if (proof === null) return { attempt, entry: null, witnesses: [] };
    const verdict = verifyProof(proof, [logKeyIn(proof, owner), ...witnesses.map(witnessKey)]);
    const event = canonicalBytes({ kind: of.kind === 'study-run' ? 'study-done' : 'sealed-done', statement });
    const [wrong] = equalBytes(utf8(verdict.event), event)
      ? verdict.faults
      : [`entry ${verdict.index} says something else`];
    if (wrong !== undefined) {
      throw fault('peer-disagrees', `the log of ${issuer} does not prove run ${attempt}: ${wrong}`, {
        culprit: issuer,
      });
    }
    const cosigned = new Set(verdict.cosignatures.map(({ witness }) => witness));
    return {
      attempt,
      entry: verdict.index,
      witnesses: witnesses.map(({ id }) => id).filter((id) => cosigned.has(witnessName(id))),
    };
  });
}

/** The key of a log, under the name that its epoch has in the proof. */
function logKeyIn(proof: string, { id, logKey }: Card): VerifierKey {
  const [, note = ''] = proof.split('\n\n', 2);
  const name = note.split('\n', 1)[0]!;
  if (epochOf(name, id) === undefined) {
    throw fault('bad-signature', `the checkpoint of a proof is not one of the log of ${id}`, { culprit: id });
  }
  return { name, type: 'note', publicKey: fromBase64url(logKey) };
}

function witnessKey({ id, logKey }: Card): VerifierKey {
  return { name: witnessName(id), type: 'cosignature', publicKey: fromBase64url(logKey) };
}
