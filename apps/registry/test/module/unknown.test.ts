import { openTicket, thumbprint, unwrap } from '@symbolon/consent';
import { base64url, ephemeralKey, fromBase64url, generateSigningKey, hashLabelled, systemRng } from '@symbolon/crypto';
import { expect, test } from 'vitest';
import type { LoggedIn } from '../../src/common/logins.ts';
import type { Context } from '../../src/module/context.ts';
import type { PersonChecks } from '../../src/module/visits/person-checks.ts';
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
  const made = new Tickets(
    { ...context, registry, settings, identities: stage } as unknown as Context,
    {} as PersonChecks,
    { signing, wrapRoot: hashLabelled('root') },
  );
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

test('W and the pseudonym are the same for all physicians and all visits, others for each patient; decoys open under W', async () => {
  const { stage, made, by, open, registry } = await tickets();
  const give = async (physician: string, lastName: string) => {
    const { relation } = await stage.relations.of(physician, person(lastName, 'Anna'));
    const { wrapKey, ticket } = await made.give(by(physician), 'northern', relation, 'reidentify');
    await stage.settler.idle();
    return { wrapKey, ...(await open(ticket)) };
  };
  const [first, again, other] = [await give('ada', 'Muller'), await give('bob', 'Müller'), await give('ada', 'Kovacs')];
  expect([again.wrapKey, again.pseudonym]).toEqual([first.wrapKey, first.pseudonym]);
  expect(again.relation).not.toBe(first.relation);
  expect(again.nonce).not.toBe(first.nonce);
  expect(other.wrapKey).not.toBe(first.wrapKey);
  expect(other.pseudonym).not.toBe(first.pseudonym);
  const decoys = fromBase64url(first.decoys);
  const length = decoys.length / 4;
  for (let i = 0; i < 4; i++) {
    const decoy = decoys.subarray(i * length, (i + 1) * length);
    expect(unwrap(fromBase64url(first.wrapKey), decoy, registry).length).toBeGreaterThan(0);
    expect(() => unwrap(fromBase64url(other.wrapKey), decoy, registry)).toThrow();
  }
});

test('W outlives a change of the key of pseudonyms, and a merge with a patient whose card was shown first', async () => {
  const { stage, made, by } = await tickets();
  const give = async (lastName: string) => {
    const { relation } = await stage.relations.of('ada', person(lastName, 'Anna'));
    const { wrapKey } = await made.give(by('ada'), 'northern', relation, 'reidentify');
    await stage.settler.idle();
    return { relation, wrapKey };
  };
  const [typo, right] = [await give('Mueler'), await give('Muller')];
  await stage.cards.add(typo.relation, thumbprint(new Uint8Array(3)));
  const [from, to] = [await stage.identityOf(typo.relation), await stage.identityOf(right.relation)];
  await stage.changes.merge({ from, to, by: 'admin' });
  expect((await give('Muller')).wrapKey).toBe(typo.wrapKey);
  expect((await give('Mueler')).wrapKey).toBe(typo.wrapKey);
  await stage.cards.add(right.relation, thumbprint(new Uint8Array(4)));
  await stage.keyChange.begin('salted-2', 'admin');
  await stage.keyChange.taken(await stage.keyChange.map());
  expect(await stage.keyChange.finish()).toBe(true);
  const { wrapKey } = await give('Muller');
  expect(wrapKey).toBe(typo.wrapKey);
});
