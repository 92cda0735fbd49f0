import { openTicket, thumbprint, unwrap } from '@symbolon/consent';
import { base64url, ephemeralKey, fromBase64url, generateSigningKey, hashLabelled, systemRng } from '@symbolon/crypto';
import { expect, test } from 'vitest';
import type { LoggedIn } from '../../src/common/logins.ts';
import type { Context } from '../../src/module/context.ts';
import { PersonChecks } from '../../src/module/visits/person-checks.ts';
import { Tickets } from '../../src/module/visits/tickets.ts';
import { ModuleNetwork } from './network.ts';
import { fields, makeStage, person } from './stage.ts';

const anna = { lastName: 'Müller', firstName: 'Anna', birthDate: '1950-03-12', insurance: 'A123' };
const nobody = { lastName: 'Nobody', firstName: 'Noah', birthDate: '1999-09-09', insurance: 'Z999' };

test('a name typed in tells nobody whether the person is registered; own patients are suggested', async () => {
  const network = await ModuleNetwork.open();
  const [north, south] = [await network.physician('north'), await network.physician('south')];
  const { relation } = await north.relation(anna);
  await north.showCard(relation, await network.patientCard(anna));
  await north.ticket(relation, 'enrol');
  const seen = async (who: typeof south, whom: typeof anna) => {
    const found = await who.relation(whom);
    const ticket = await who.ticket(found.relation, 'reidentify');
    const { suggestions } = found;
    const lengths = [found.relation, ticket.ticket, ticket.wrapKey].map(({ length }) => length);
    return { suggestions, lengths, institution: ticket.institution };
  };
  expect(await seen(south, anna)).toEqual(await seen(south, nobody));
  expect(await seen(south, { ...anna, lastName: 'Mueller' })).toMatchObject({ suggestions: [{ person: anna }] });
  // The positive control: south has named Anna by now, and may be reminded of it; north too, who has a relation of its own.
  const { suggestions } = await north.relation({ ...anna, lastName: 'Muler' });
  expect(suggestions).toEqual([{ relation, person: anna }]);
});

/** Tickets over stores whose statements are noted. */
async function tickets() {
  const stage = await makeStage();
  const { context } = stage;
  const registry = { server: 'centre', module: 'hips' };
  const centre = ephemeralKey('X25519', systemRng);
  const settings = { fields, ticketMinutes: 5, centreKeys: [base64url(centre.publicKey)] };
  const signing = generateSigningKey(systemRng);
  const all = { ...context, registry, settings, identities: stage } as unknown as Context;
  // No card is shown here.
  const checks = new PersonChecks(all, undefined as never);
  const made = new Tickets(all, checks, { signing, wrapRoot: hashLabelled('root') });
  const certificate = thumbprint(new Uint8Array(1));
  const by = (physician: string) => ({ physician, installation: 'north', certificate }) as LoggedIn;
  const open = (ticket: string) => {
    const expected = { registry, moduleKey: signing.publicKey, certificate, now: context.now().getTime() };
    return openTicket(fromBase64url(ticket), expected, centre);
  };
  return { stage, made, by, open, registry };
}

test('a ticket is the same work for whoever is known or not', async () => {
  const { stage, made, by } = await tickets();
  await stage.visit('ada', person('Muller', 'Anna'));
  await stage.cards.add(
    (await stage.relations.of('ada', person('Muller', 'Anna'))).relation,
    thumbprint(new Uint8Array(2)),
  );
  const statements = async (lastName: string) => {
    const { relation } = await stage.relations.of('bob', person(lastName, 'Anna'));
    return stage.asked(() => made.give(by('bob'), 'northern', relation, 'reidentify'));
  };
  const known = await statements('Muller');
  expect(known.length).toBeGreaterThan(5);
  expect(await statements('Nobody')).toEqual(known);
});

/** Tickets to 'reidentify' persons of these last names. @param of.card that was shown */
function giver({ stage, made, by }: Awaited<ReturnType<typeof tickets>>) {
  return async (lastName: string, of: { physician?: string; card?: string } = {}) => {
    const { physician = 'ada', card } = of;
    const { relation } = await stage.relations.of(physician, person(lastName, 'Anna'));
    const check = { relation, operation: 'reidentify', installation: 'north', by: 'card', until_at: '2099-01-01' };
    if (card !== undefined)
      await stage.database
        .insertInto('person_check')
        .values({ ...check, card })
        .execute();
    const { wrapKey, ticket } = await made.give(by(physician), 'northern', relation, 'reidentify');
    await stage.settler.idle();
    return { relation, wrapKey, ticket };
  };
}

test('W is of the card that was shown, the pseudonym of the patient, the same for all physicians and visits; decoys open under W', async () => {
  const all = await tickets();
  const { stage, open, registry } = all;
  const give = giver(all);
  const cards = [6, 7].map((n) => thumbprint(new Uint8Array(n))) as [string, string];
  for (const [i, lastName] of ['Muller', 'Kovacs'].entries()) {
    await stage.cards.add((await give(lastName)).relation, cards[i]!);
  }
  const first = await give('Muller', { card: cards[0] });
  const again = await give('Müller', { physician: 'bob', card: cards[0] });
  const other = await give('Kovacs', { card: cards[1] });
  const [one, two, three] = await Promise.all([first, again, other].map(({ ticket }) => open(ticket)));
  expect([again.wrapKey, two!.pseudonym]).toEqual([first.wrapKey, one!.pseudonym]);
  expect(two!.relation).not.toBe(one!.relation);
  expect(two!.nonce).not.toBe(one!.nonce);
  expect(other.wrapKey).not.toBe(first.wrapKey);
  expect(three!.pseudonym).not.toBe(one!.pseudonym);
  const openUnder = (decoys: string, wrapKey: string): number => {
    const bytes = fromBase64url(decoys);
    const places = [0, 1, 2, 3].map((i) => bytes.subarray((i * bytes.length) / 4, ((i + 1) * bytes.length) / 4));
    return places.filter((decoy) => {
      try {
        return unwrap(fromBase64url(wrapKey), decoy, registry).length > 0;
      } catch {
        return false;
      }
    }).length;
  };
  expect([openUnder(one!.decoys, first.wrapKey), openUnder(one!.decoys, other.wrapKey)]).toEqual([4, 0]);
  // Without the card, nothing opens: neither decoys nor pairs, which are under the W of a card.
  const [typed, unknown] = [await give('Muller'), await give('Nobody')];
  for (const { ticket, wrapKey } of [typed, unknown]) {
    const { decoys } = await open(ticket);
    expect(openUnder(decoys, wrapKey)).toBe(0);
    expect(openUnder(decoys, first.wrapKey)).toBe(0);
  }
});

test('each card keeps its W: after a merge of two who both had cards, and a change of the key of pseudonyms', async () => {
  const all = await tickets();
  const { stage } = all;
  const give = giver(all);
  const [one, other, later] = [3, 4, 5].map((n) => thumbprint(new Uint8Array(n))) as [string, string, string];
  const [typo, right] = [await give('Mueler'), await give('Muller')];
  await stage.cards.add(typo.relation, one);
  await stage.cards.add(right.relation, other);
  const keyOf = async (lastName: string, card: string) => (await give(lastName, { card })).wrapKey;
  const keys = [await keyOf('Mueler', one), await keyOf('Muller', other)];
  expect(keys[0]).not.toBe(keys[1]);
  const [from, to] = [await stage.identityOf(typo.relation), await stage.identityOf(right.relation)];
  const merge = await stage.changes.merge({ from, to, by: 'admin' });
  await stage.changes.told(merge.id);
  await stage.cards.add(right.relation, later);
  for (const key of ['', 'salted-2']) {
    if (key !== '') {
      await stage.keyChange.begin(key, 'admin');
      await stage.keyChange.taken(await stage.keyChange.map());
      expect(await stage.keyChange.finish()).toBe(true);
    }
    // Without a card nobody learns that both are one.
    expect([(await give('Mueler')).relation, (await give('Muller')).relation]).toEqual([typo.relation, right.relation]);
    for (const spelling of ['Mueler', 'Muller']) {
      expect([await keyOf(spelling, one), await keyOf(spelling, other)]).toEqual(keys);
      expect(await keyOf(spelling, later)).toBe(keys[0]);
    }
  }
  await stage.changes.told((await stage.changes.undo({ change: merge.id, by: 'admin' })).id);
  expect([await keyOf('Mueler', one), await keyOf('Muller', other)]).toEqual(keys);
  expect(await keyOf('Muller', later)).toBe(keys[1]);
});
