import {
  type Accepted,
  type Answer,
  acceptAnswer,
  answerHash,
  type SessionOutcome,
  sessionHas,
} from '@symbolon/consent';
import { base64url, fault, SymbolonError } from '@symbolon/crypto';
import { type Database, insertRows, prepared } from '@symbolon/service';
import { type Context, policyOf } from '../context.ts';
import { useUp } from '../pairs.ts';
import { effects } from './effects.ts';
import { askerOf, type Professional } from './professional.ts';
import { findSession, isOpen, type OfferedPair, offeredPairs, type SessionRow, toOpenSession } from './rows.ts';

/** An answer that was accepted, on its way into the database. */
export interface Answered {
  readonly who: Professional;
  readonly row: SessionRow;
  readonly answer: Answer;
  readonly exporter: Uint8Array;
  readonly accepted: Accepted;
  /** The pair that the card answered for. */
  readonly pair: OfferedPair | undefined;
  readonly now: Date;
}

/**
 * Takes the answer to a challenge. One transaction uses up the pair that was answered, keeps the new pairs, grants, writes the log, and keeps what the client is
 * told, so that the same answer again, signed for another connection, is told the same. A wrong answer changes nothing: the right one still counts.
 *
 * @param exporter of the connection that the answer came through
 * Throws `consent-refused`; the same whether the card was wrong, the patient unknown, or somebody else used the pair meanwhile.
 */
export async function answer(
  context: Context,
  who: Professional,
  id: string,
  answer: Answer,
  exporter: Uint8Array,
): Promise<SessionOutcome> {
  const row = await findSession(context.database, id);
  if (row === undefined || !isOf(row, who)) throw refused('this physician has no such session here');
  const name = base64url(answerHash(answer));
  if (row.state === 'done' && row.answer === name) return JSON.parse(row.outcome!) as SessionOutcome;
  requireOpen(row, context.now());
  requireSaid(context, row, answer);
  try {
    return await take(context, who, row, { answer, exporter, name });
  } catch (error) {
    // The same answer may have come twice at once, or the session lapsed meanwhile.
    const now = await findSession(context.database, id);
    if (now?.state === 'done' && now.answer === name) return JSON.parse(now.outcome!) as SessionOutcome;
    throw error === notOpen ? refused('the session is over') : error;
  }
}

async function take(
  context: Context,
  who: Professional,
  row: SessionRow,
  { answer, exporter, name }: { answer: Answer; exporter: Uint8Array; name: string },
): Promise<SessionOutcome> {
  const offered = await offeredPairs(context.database, row.id);
  const accepted = await accept(context, who, row, offered, { answer, exporter });
  const pair = [...offered.values()].find((one) => one.id === accepted.answered?.id);
  const answered = { who, row, answer, exporter, accepted, pair, now: context.now() };
  const { module, physician, installation } = who;
  const { id: session, operation } = row;
  const transcript = base64url(accepted.transcript);
  const event = { kind: 'consent-answer', session, module, physician, installation, operation, transcript };
  let outcome: SessionOutcome | undefined;
  await context.log.append(event, async (within) => {
    outcome = await carryOut(context, within, answered, name);
  });
  return outcome!;
}

function isOf(row: SessionRow, who: Professional): boolean {
  const { module, physician, institution, installation, certificate } = who;
  return (
    row.module === module &&
    row.physician === physician &&
    row.institution === institution &&
    row.installation === installation &&
    row.certificate === certificate
  );
}

function requireOpen({ state, expires_at }: SessionRow, now: Date): void {
  if (state === 'open' && expires_at > now.toISOString()) return;
  throw refused('the session is over');
}

/** What an answer says beside its sealed parts. */
function requireSaid({ settings }: Context, { module, operation }: SessionRow, { groups, status }: Answer): void {
  const known = policyOf(settings, module).groups;
  const unknown = groups.find((group) => !known.includes(group));
  if (unknown !== undefined) {
    throw fault('request-invalid', `${module} has no confidentiality group '${unknown}'`, { culprit: 'groups' });
  }
  const { challenge, pairs } = sessionHas[operation as keyof typeof sessionHas];
  if (!challenge && !pairs) return;
  if (status === 'none') throw fault('frame-shape', 'the answer says nothing of the status of the card');
  if (status === 'revoked') throw refused('the card is revoked; another one has to replace it');
}

async function accept(
  { home, keys }: Context,
  who: Professional,
  row: SessionRow,
  offered: ReadonlyMap<number, OfferedPair>,
  { answer, exporter }: { answer: Answer; exporter: Uint8Array },
): Promise<Accepted> {
  const { sessionKeys } = keys.numbered(row.key);
  const session = toOpenSession(row, offered);
  const registry = { server: home.card.id, module: who.module };
  const by = { registry, asker: askerOf(who), certificate: who.certificate, professional: who.key, exporter };
  let refusal: unknown;
  // While keys change, the client may have sealed to the one before.
  for (const { recipient: centre } of keys.valid()) {
    try {
      return await acceptAnswer(session, answer, by, { centre, sessionKeys });
    } catch (error) {
      if (!(error instanceof SymbolonError)) throw error;
      refusal ??= error;
    }
  }
  throw refusal;
}

const notOpen = new Error('the session is not open any more');

async function carryOut(context: Context, within: Database, answered: Answered, name: string): Promise<SessionOutcome> {
  const { row, answer, accepted, exporter, pair, who, now } = answered;
  if (!(await isOpen(within, row.id, now))) throw notOpen;
  // Those of other cards stay: this asker gets none of them again, and a card that is rarely used keeps its pairs.
  if (pair !== undefined && !(await useUp(within, Number(pair.id), now)))
    throw refused('no registered card of this patient answered');
  const { state, grant, patient } = await effects[row.operation as keyof typeof effects](context, within, answered);
  const outcome: SessionOutcome = {
    operation: row.operation as SessionOutcome['operation'],
    state,
    relation: row.relation,
    grant,
  };
  await end(within, { id: row.id, answer: name, outcome: JSON.stringify(outcome), now: now.toISOString() });
  if (patient === undefined) return outcome;
  const { purpose, groups, status, signature } = answer;
  await insertRows(within, 'centre_consent', [
    {
      session: row.id,
      module: row.module,
      patient,
      relation: row.relation,
      physician: row.physician,
      institution: row.institution,
      operation: row.operation,
      purpose,
      groups: JSON.stringify(groups),
      status,
      certificate: who.certificate,
      transcript: accepted.transcript,
      exporter,
      signature,
      answered_at: now.toISOString(),
    },
  ]);
  return outcome;
}

const end = prepared((database, of: { id: string; answer: string; outcome: string; now: string }) =>
  database
    .updateTable('centre_session')
    .set({ state: 'done', answer: of.answer, outcome: of.outcome, envelopes: null, ended_at: of.now })
    .where('id', '=', of.id),
);

const refused = (why: string) => fault('consent-refused', `the answer is refused: ${why}`);
