import { type Asker, type Operation, openSession, openTicket, sessionHas, slots, type Ticket } from '@symbolon/consent';
import { base64url, concat, fault, fromBase64url, SymbolonError } from '@symbolon/crypto';
import { type Database, insertRows, isDuplicate, prepared } from '@symbolon/service';
import { type Context, policyOf } from '../context.ts';
import { pairsFor } from '../pairs.ts';
import { findPatient } from '../patients.ts';
import { askerOf, type Professional } from './professional.ts';
import { lifetime, type SessionRow } from './rows.ts';

/**
 * Takes a ticket. What is offered is committed before it leaves; the same ticket, or another for the same relation and purpose while a session of this
 * physician is open, gives the same session, so that whoever lost an answer loses nothing, and learns of no other pair.
 *
 * For a patient whom nobody knows the same is read and written as for others: only what is chosen from is empty.
 */
export async function open(context: Context, who: Professional, sealed: Uint8Array): Promise<SessionRow> {
  const { database, log, now } = context;
  const ticket = await readTicket(context, who, sealed);
  const row = newSession(context, who, ticket);
  const { id: session, operation } = row;
  const { module, physician, installation } = who;
  const event = { kind: 'consent-session', session, module, physician, installation, operation };
  let kept: SessionRow | undefined;
  try {
    await log.append(event, async (within) => {
      kept = await keep(context, within, who, ticket, row);
    });
    return kept!;
  } catch (error) {
    // There is one already, or another request was first.
    if (!isDuplicate(error) && error !== taken) throw error;
    const first = await reusable(database, who, ticket, now());
    if (first === undefined) throw error;
    await database
      .insertInto('centre_ticket')
      .values(used(ticket, first))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return first;
  }
}

const taken = new Error('such a session is open');

/** Throws `consent-ticket`. */
async function readTicket(
  { home, settings, keys, now }: Context,
  who: Professional,
  sealed: Uint8Array,
): Promise<Ticket> {
  const { module, certificate } = who;
  const { ticketKeys } = policyOf(settings, module);
  const pinned = ticketKeys ?? [home.partners.get(module).signingKey];
  const registry = { server: home.card.id, module };
  let refusal: unknown;
  for (const { recipient } of keys.valid()) {
    for (const moduleKey of pinned.map(fromBase64url)) {
      try {
        const expected = { registry, moduleKey, certificate, now: now().getTime() };
        return requireInstitution(who, await openTicket(sealed, expected, recipient));
      } catch (error) {
        if (!(error instanceof SymbolonError)) throw error;
        refusal ??= error;
      }
    }
  }
  throw refusal;
}

/** Institutions decide who is never challenged with which pair: the ticket, and what the module said of the installation, have to agree. */
function requireInstitution(who: Professional, ticket: Ticket): Ticket {
  if (ticket.institution === who.institution) return ticket;
  throw fault('consent-ticket', "the module's ticket is refused: this installation is not of that institution");
}

function newSession({ keys, now, rng }: Context, who: Professional, ticket: Ticket): SessionRow {
  const { module, certificate } = who;
  const opened = now();
  return {
    ...askerOf(who),
    id: base64url(rng(16)),
    module,
    certificate,
    operation: ticket.operation,
    pseudonym: ticket.pseudonym,
    relation: ticket.relation,
    key: keys.newest.number,
    nonce: rng(32),
    envelopes: null,
    state: 'open',
    opened_at: opened.toISOString(),
    expires_at: new Date(opened.getTime() + lifetime).toISOString(),
    answer: null,
    outcome: null,
    ended_at: null,
  };
}

async function keep(
  { rng, now }: Context,
  within: Database,
  who: Professional,
  ticket: Ticket,
  row: SessionRow,
): Promise<SessionRow> {
  if ((await reusable(within, who, ticket, now())) !== undefined) throw taken;
  const asker = askerOf(who);
  const { operation, pseudonym } = ticket;
  const session = row.id;
  await insertRows(within, 'centre_ticket', [used(ticket, row)]);
  if (!sessionHas[operation].challenge) {
    const kept = { ...row, envelopes: new Uint8Array() };
    await insertRows(within, 'centre_session', [kept]);
    return kept;
  }
  const patient = await findPatient(within, row.module, pseudonym);
  const chosen = await pairsFor(within, { patient: patient?.id, asker, rng });
  const pairs = new Map([...chosen].map(([slot, { pair }]) => [slot, pair]));
  const { envelopes } = openSession(ticket, pairs, rng);
  const offers = Array.from({ length: slots }, (_, slot) => {
    const offered = chosen.get(slot);
    const pair = offered === undefined ? null : Number(offered.pair.id);
    return { ...asker, session, slot, pair, independent: offered?.independent === true ? (1 as const) : (0 as const) };
  });
  const kept = { ...row, envelopes: concat(...envelopes) };
  await insertRows(within, 'centre_session', [kept]);
  await insertRows(within, 'centre_offer', offers);
  return kept;
}

/** The note that a ticket was used. */
function used({ nonce, expires }: Ticket, { module, id: session }: SessionRow) {
  return { module, nonce, session, expires_at: new Date(expires).toISOString() };
}

/** Whether nobody has used a pair of those that a session offers: a new one is opened then. */
function isWhole(operation: Operation, offered = 0): boolean {
  return offered === (sessionHas[operation].challenge ? slots : 0);
}

/** The open session that a ticket continues. Throws `consent-ticket` for one that was used for another. */
async function reusable(
  database: Database,
  who: Professional,
  { nonce, relation, operation, pseudonym }: Ticket,
  now: Date,
): Promise<SessionRow | undefined> {
  const { module, certificate } = who;
  const {
    rows: [before],
  } = await ticketUse(database, { module, nonce });
  const of = { module, relation, operation, pseudonym, certificate, ...askerOf(who), now: now.toISOString() };
  const { rows: open } = await openSessions(database, of);
  const ids = open.map(({ id }) => id);
  const offers =
    ids.length === 0
      ? []
      : await database.selectFrom('centre_offer').select('session').where('session', 'in', ids).execute();
  const offered = Map.groupBy(offers, ({ session }) => session);
  const own = open.find(({ id }) => isWhole(operation, offered.get(id)?.length) && (before?.session ?? id) === id);
  if (before !== undefined && own === undefined) {
    throw fault('consent-ticket', "the module's ticket is refused: it was used before");
  }
  return own;
}

const ticketUse = prepared((database, { module, nonce }: { module: string; nonce: string }) =>
  database.selectFrom('centre_ticket').select('session').where('module', '=', module).where('nonce', '=', nonce),
);

type Sought = Pick<SessionRow, 'module' | 'relation' | 'operation' | 'pseudonym' | 'certificate'> & Asker;

const openSessions = prepared((database, of: Sought & { now: string }) =>
  database
    .selectFrom('centre_session')
    .selectAll()
    .where('module', '=', of.module)
    .where('relation', '=', of.relation)
    .where('operation', '=', of.operation)
    .where('pseudonym', '=', of.pseudonym)
    .where('certificate', '=', of.certificate)
    .where('physician', '=', of.physician)
    .where('institution', '=', of.institution)
    .where('installation', '=', of.installation)
    .where('state', '=', 'open')
    .where('expires_at', '>', of.now),
);
