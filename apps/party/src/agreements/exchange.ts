import { type Agreement, verifyAgreement } from '@symbolon/agreement';
import { base64url, documentBytes, fault, parseDocument } from '@symbolon/crypto';
import { keepCheckpoint, peerClient } from '@symbolon/service';
import { z } from 'zod';
import { authorizeAgreement, granted } from '../authorize.ts';
import type { PartyContext } from '../context.ts';
import type { StoredAgreement } from './store.ts';

const maxPending = 100;
const receipt = z.object({ hash: z.string(), missing: z.array(z.string()) });

/** Sends an agreement with the signatures it has to the servers of all other parties. */
export async function send(
  { home }: PartyContext,
  { agreement, document, signedBy }: Pick<StoredAgreement, 'agreement' | 'document' | 'signedBy'>,
): Promise<void> {
  if (signedBy.length === 0) {
    throw fault('agreement-unsigned', `nobody has signed the draft "${agreement.title}"`, {
      hint: 'Sign it first: an unsigned draft binds nobody, and partners do not take it.',
    });
  }
  const body = { document: base64url(documentBytes(document)) };
  for (const { id } of agreement.parties) {
    const partner = id === home.card.id ? home.card : home.partners.get(id);
    // Whoever cannot be reached fetches it (market/fetch.ts); those who run a compute server sign a file.
    if (id === home.card.id || partner.outbound === true || partner.role === 'compute') continue;
    const client = peerClient({ home, partner });
    try {
      await client.call('POST', '/v1/agreements', { body, answer: receipt });
    } finally {
      await client.close();
    }
  }
}

/**
 * Keeps a document that a party sent or handed over, with the signatures that are here already.
 * @param by who sent it; this organisation itself for a file
 * @returns hash of the agreement
 */
export async function receive(context: PartyContext, file: Uint8Array, by: string): Promise<string> {
  const { home, agreements, log } = context;
  const document = parseDocument(file);
  const received = verifyAgreement(document);
  granted(authorizeAgreement(received, home, by));
  const before = await agreements.find(received.hash);
  const signs = ({ signedBy }: Pick<StoredAgreement, 'signedBy'>): boolean => signedBy.includes(home.card.id);
  if (before === undefined && by !== home.card.id) await requireRoom(context, received.signedBy);
  // An own signature that comes from outside was given before this store was put back, and nobody here knows the runs since.
  const forgotten = log.epoch > 1 && signs(received) && !(before !== undefined && signs(before));
  const { hash, signedBy } = received;
  if (before === undefined || signedBy.some((id) => !before.signedBy.includes(id))) {
    const all = received.agreement.parties
      .map(({ id }) => id)
      .filter((id) => signedBy.includes(id) || before?.signedBy.includes(id));
    const event = { kind: 'agreement-received', agreement: hash, by, signedBy: all };
    await log.append(event, (transaction, index) =>
      agreements.within(transaction).keep(document, { logged: { epoch: log.epoch, index }, exhausted: forgotten }),
    );
    await tellReplaced(context, received.agreement);
    await keepCheckpoint(context);
  }
  return hash;
}

/** What a new version replaces may have to stop. */
export async function tellReplaced(
  { changes }: Pick<PartyContext, 'changes'>,
  { predecessor, counters }: Agreement,
): Promise<void> {
  for (const hash of [predecessor, counters ?? null]) if (hash !== null) await changes.tell(hash);
}

/** Partners may propose, but not fill the store, which every decision looks through for successors. */
async function requireRoom({ home, agreements }: PartyContext, signers: readonly string[]): Promise<void> {
  const own = home.card.id;
  for (const signer of signers) {
    if (signer === own || (await agreements.pending(signer, own)) < maxPending) continue;
    throw fault('conflict', `${signer} has signed ${maxPending} agreements that ${own} has not`, { culprit: signer });
  }
}
