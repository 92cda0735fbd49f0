import { ticketBytes } from '@symbolon/consent';
import { base64url, fromBase64url } from '@symbolon/crypto';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { CardAuthority } from '@symbolon/testkit/smartcards';
import { expect, test } from 'vitest';
import * as api from '../../src/module/api/contracts.ts';
import { anything, ModuleNetwork } from './network.ts';

const anna = { lastName: 'Müller', firstName: 'Anna', birthDate: '1950-03-12', insurance: 'A123' };
const bela = { lastName: 'Kovács', firstName: 'Béla', birthDate: '1961-11-02', insurance: 'B456' };
const day = 86_400_000;

const refused = (code: string) => expect.objectContaining({ code });

onBothDatabases(() => {
  test('a physician applies, is vetted, enrols a patient with the card; suspended and excluded from one request to the next', async () => {
    const network = await ModuleNetwork.open();
    const card = await network.professional('Dr North');
    const at = network.at('north');
    const applied = await at.apply(card, 'Dr North');
    expect(applied.state).toBe('waiting');
    expect(await at.apply(card, 'Dr North again')).toEqual(applied);
    await expect(at.logIn(card)).rejects.toEqual(refused('physician-refused'));
    const { physician } = applied;
    const decide = (state: 'vetted' | 'suspended' | 'excluded') =>
      network.admin.call(api.decidePhysician, { params: { physician }, body: { state } });
    await decide('vetted');
    await at.logIn(card);
    const { relation, suggestions } = await at.relation(anna);
    expect(suggestions).toEqual([]);
    await expect(at.ticket(relation, 'enrol')).rejects.toEqual(refused('person-unverified'));
    expect(await at.showCard(relation, await network.patientCard(anna))).toMatchObject({ status: 'good' });
    const { ticket, institution, wrapKey } = await at.ticket(relation, 'enrol');
    expect(institution).toBe('northern');
    expect([ticket, wrapKey].map((text) => fromBase64url(text).length)).toEqual([ticketBytes, 32]);
    await decide('suspended');
    await expect(at.ticket(relation, 'reidentify')).rejects.toEqual(refused('unauthenticated'));
    await expect(at.logIn(card)).rejects.toEqual(refused('physician-refused'));
    await decide('vetted');
    await at.logIn(card);
    await decide('excluded');
    await expect(at.relation(anna)).rejects.toEqual(refused('unauthenticated'));
    await expect(decide('vetted')).rejects.toEqual(refused('conflict'));
    const events = await network.events();
    const kinds = events.map(({ kind }) => kind);
    for (const kind of [
      'physician-applied',
      'physician-logged-in',
      'relation-asked',
      'person-checked',
      'ticket-given',
    ]) {
      expect(kinds).toContain(kind);
    }
    expect(kinds.filter((kind) => kind === 'request-refused').length).toBe(5);
    expect(JSON.stringify(events)).not.toMatch(/M.ller|Anna|A123|1950-03-12/);
  });

  test('logins: each refusal', async () => {
    const network = await ModuleNetwork.open({ maxFailuresPerHour: 1000, maxLoginsPerMinute: 1000 });
    const good = await network.professional('Dr North');
    await network.physician('north', good);
    const north = network.at('north');
    const prove = async (
      card: typeof good,
      {
        through = north,
        from = north,
        ...changes
      }: { through?: typeof north; from?: typeof north } & Parameters<typeof north.proof>[2] = {},
    ) => {
      await through.begin();
      const begun = await from.begin();
      return through.call('POST', `/v1/logins/${begun.login}`, anything, await through.proof(card, begun, changes));
    };
    await prove(good);

    const stranger = await CardAuthority.root('Nobody', Date.now());
    const expired = { notBefore: Date.now() - 9 * day, notAfter: Date.now() - day };
    const revoked = await network.professional('Dr Revoked');
    await network.physicians.revoke(revoked.certificate);
    await network.publish('physicians');
    const other = await network.professional('Dr Other');
    const rows: [what: string, code: string, attempt: () => Promise<unknown>][] = [
      [
        'a card of a foreign authority',
        'untrusted-certificate',
        async () => prove(await stranger.card({ commonName: 'Dr X' })),
      ],
      [
        'a certificate that has expired',
        'login-refused',
        async () => prove(await network.physicians.card({ commonName: 'Dr Old' }, expired)),
      ],
      ['a certificate that was revoked', 'login-refused', () => prove(revoked)],
      ['nobody who applied', 'physician-refused', () => prove(other)],
      ["another card's certificate", 'login-refused', () => prove({ ...good, card: other.card })],
      ["another connection's exporter", 'login-refused', () => prove(good, { exporter: new Uint8Array(32) })],
      ['another nonce', 'login-refused', () => prove(good, { nonce: new Uint8Array(32) })],
      ['signed for the central server', 'login-refused', () => prove(good, { at: 'centre' })],
      [
        'signed for another registry',
        'login-refused',
        () => prove(good, { registry: { server: 'centre', module: 'knees' } }),
      ],
      ['signed for another installation', 'login-refused', () => prove(good, { installation: 'south' })],
      ["another installation's login", 'login-refused', () => prove(good, { from: network.at('south') })],
      ['a login of another module', 'forbidden', () => north.begin('knees')],
      [
        'no login',
        'login-refused',
        async () =>
          north.call(
            'POST',
            `/v1/logins/${base64url(new Uint8Array(16))}`,
            anything,
            await north.proof(good, { nonce: '' }),
          ),
      ],
    ];
    for (const [what, code, attempt] of rows) await expect(attempt(), what).rejects.toEqual(refused(code));

    const begun = await north.begin();
    const body = await north.proof(good, begun);
    await north.call('POST', `/v1/logins/${begun.login}`, anything, body);
    await expect(north.call('POST', `/v1/logins/${begun.login}`, anything, body), 'replayed').rejects.toEqual(
      refused('login-refused'),
    );
    const late = await north.begin();
    network.clock.ahead += 121_000;
    await expect(
      north.call('POST', `/v1/logins/${late.login}`, anything, await north.proof(good, late)),
      'an expired nonce',
    ).rejects.toEqual(refused('login-refused'));
    network.clock.ahead += 9 * day;
    await expect(prove(good), 'a revocation list that is too old').rejects.toEqual(refused('login-refused'));
  });

  test('a token holds for its installation, 15 minutes after its last use, and 8 hours; logging out ends it', async () => {
    const network = await ModuleNetwork.open();
    const card = await network.professional('Dr North');
    const north = await network.physician('north', card);
    const south = network.at('south');
    south.token = north.token;
    await expect(south.relation(anna)).rejects.toEqual(refused('unauthenticated'));
    const minute = 60_000;
    for (let passed = 0; passed + 14 < 8 * 60; passed += 14) {
      network.clock.ahead += 14 * minute;
      await north.relation(anna);
    }
    network.clock.ahead += 14 * minute;
    await expect(north.relation(anna)).rejects.toEqual(refused('unauthenticated'));
    await north.logIn(card);
    network.clock.ahead += 15 * minute + 1;
    await expect(north.relation(anna)).rejects.toEqual(refused('unauthenticated'));
    await north.logIn(card);
    await north.call('DELETE', '/v1/logins', anything);
    await expect(north.relation(anna)).rejects.toEqual(refused('unauthenticated'));
  });

  test("patients' cards: each refusal, and what is flagged", async () => {
    const network = await ModuleNetwork.open({ maxFailuresPerHour: 1000 });
    const at = await network.physician();
    const { relation } = await at.relation(anna);
    const card = await network.patientCard(anna);
    const other = await network.patientCard(bela);
    const revoked = await network.patientCard(anna);
    await network.patients.revoke(revoked.certificate);
    await network.publish('patients');
    const south = await network.physician('south');
    const rows: [what: string, code: string, attempt: () => Promise<unknown>][] = [
      ["another person's card", 'card-refused', () => at.showCard(relation, other)],
      ["another card's signature", 'card-refused', () => at.showCard(relation, { ...card, card: other.card })],
      ['another nonce', 'card-refused', () => at.showCard(relation, card, { nonce: new Uint8Array(32) })],
      [
        'signed for another relation',
        'card-refused',
        () => at.showCard(relation, card, { relation: new Uint8Array(16) }),
      ],
      ['signed for another installation', 'card-refused', () => at.showCard(relation, card, { installation: 'south' })],
      ['signed for another operation', 'card-refused', () => at.showCard(relation, card, { signed: 'erase' })],
      [
        'signed for another registry',
        'card-refused',
        () => at.showCard(relation, card, { registry: { server: 'centre', module: 'knees' } }),
      ],
      [
        "a health professional's card",
        'untrusted-certificate',
        async () => at.showCard(relation, await network.professional('Anna')),
      ],
      ['a card that was revoked', 'card-refused', () => at.showCard(relation, revoked)],
      ["another physician's relation", 'not-found', () => south.showCard(relation, card)],
    ];
    for (const [what, code, attempt] of rows) {
      await expect(attempt(), what).rejects.toEqual(refused(code));
      await expect(at.ticket(relation, 'enrol'), what).rejects.toEqual(refused('person-unverified'));
    }
    const needCard = ['enrol', 'add-card', 'replace', 'withdraw', 'object', 'erase'] as const;
    for (const operation of needCard) {
      await at.showCard(relation, card, { operation });
      for (const other of needCard) {
        if (other === operation) continue;
        await expect(at.ticket(relation, other), 'for another').rejects.toEqual(refused('person-unverified'));
      }
      const asked = [at.ticket(relation, operation), at.ticket(relation, operation)];
      const outcomes = await Promise.allSettled(asked);
      expect(outcomes.map(({ status }) => status).sort(), 'once').toEqual(['fulfilled', 'rejected']);
    }
    await at.showCard(relation, card, { operation: 'reidentify' });
    await expect(at.ticket(relation, 'enrol'), 'of a visit').rejects.toEqual(refused('person-unverified'));
    await at.showCard(relation, card, { operation: 'replace' });
    network.clock.ahead += 10 * 60_000;
    await expect(at.ticket(relation, 'replace'), 'ten minutes later').rejects.toEqual(refused('person-unverified'));
    for (const operation of ['reidentify', 'relate', 'break-glass', 'view', 'export'] as const) {
      await at.ticket(relation, operation);
    }
    const expired = await network.patientCard(anna, { notBefore: Date.now() - 9 * day, notAfter: Date.now() - day });
    expect(await at.showCard(relation, expired)).toMatchObject({ status: 'expired' });
    const { items } = await network.admin.call(api.listRegistryAlarms, { query: {} });
    expect(items.map(({ alarm }) => alarm)).toEqual(['card-status']);
  });

  test('a card that is shown for two persons: refused, and both are before an administrator', async () => {
    const network = await ModuleNetwork.open();
    const at = await network.physician();
    const [one, other] = [await at.relation(anna), await at.relation({ ...anna, birthDate: '1950-03-21' })];
    const card = await network.patientCard(anna);
    await at.showCard(one.relation, card);
    await expect(at.showCard(other.relation, card)).rejects.toEqual(refused('card-refused'));
    const { items } = await network.admin.call(api.listDuplicates, { query: {} });
    expect(items).toMatchObject([{ score: 1000, reasons: { card: 'same' } }]);
  });
});
