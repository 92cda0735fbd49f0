import { join } from 'node:path';
import {
  type Licence,
  type LicenceStatement,
  type StudyStatement,
  sampleRows,
  signLicenceStatement,
  usageOf,
} from '@symbolon/agreement';
import { unverifiedPayload } from '@symbolon/crypto';
import { expect, onTestFinished, test } from 'vitest';
import { openContext } from '../src/context.ts';
import { Organisation } from '../src/organisation.ts';
import { requestStudy } from '../src/request-study.ts';
import { decide } from '../src/study/decide.ts';
import { marketNetwork, planted, publishAll, visitsOffer, wish } from './market-network.ts';
import { quiet } from './network.ts';

const month = new Date().toISOString().slice(0, 7);

test('from catalogues to a result and a statement: two owners, and a researcher without data', async () => {
  const network = await marketNetwork();
  onTestFinished(() => network.close());
  await publishAll(network);
  await network.start();
  const { as, homes } = network;

  const [shown] = await as('researcher', ({ market }) => market.offers('hospital'));
  expect(shown!.offer).toMatchObject({ by: 'hospital', name: 'visits', rows: { from: 10, to: 99 } });
  expect(shown!.sample).toHaveLength(5);

  const asked = await as('researcher', ({ market }) => market.request(wish()));
  expect(asked).toMatchObject({
    state: 'proposed',
    missing: ['hospital', 'insurer'],
    price: {
      currency: 'EUR',
      perRun: '180.5',
      freeFor: ['PUBHLTH'],
      split: { hospital: '66.7591', insurer: '33.2409' },
    },
    quota: { perMonth: 3 },
  });
  for (const party of ['hospital', 'insurer'] as const) {
    const [request] = await as(party, ({ market }) => market.requests());
    expect(request).toMatchObject({ hash: asked.hash, beyond: [] });
    await as(party, ({ market }) => market.approve(asked.hash, { studies: true }));
  }
  const licence = await as('researcher', ({ market }) => market.show(asked.hash));
  expect(licence.state).toBe('active');

  const run = { agreement: asked.hash, study: 'by-region' };
  const first = await requestStudy(homes.researcher.path, run);
  await requestStudy(homes.researcher.path, { ...run, purpose: 'PUBHLTH' });
  const result = await as('researcher', ({ studies }) => studies.result(first.id));
  expect(result!.rows).toEqual([
    ['north', '30', expect.any(String)],
    ['south', '30', expect.any(String)],
    // Nobody lives there: withheld, as few would be.
    ['west', null, null],
  ]);

  const uses = await as('hospital', ({ market }) => market.uses());
  expect(uses).toHaveLength(2);
  expect(uses[1]).toMatchObject({ licence: asked.hash, initiator: 'researcher', purpose: null, to: ['researcher'] });
  expect(uses[0]).toMatchObject({ purpose: 'PUBHLTH' });

  const file = await as('hospital', ({ market }) => market.state(asked.hash, month));
  const verified = await as('researcher', ({ market }) => market.verify(file));
  expect(verified).toMatchObject({
    statement: { total: '180.5', split: { hospital: '120.5', insurer: '60' }, fee: '0', issuer: 'hospital' },
    unknown: [],
    missing: [],
  });
  expect(file.runs.map(({ proof }) => proof)).not.toContain(null);
  // What its log does not hold, or not so, is no proof.
  const proven = (proofs: (string | null)[]) =>
    as('researcher', async ({ market }) => {
      const runs = file.runs.map((one, i) => ({ ...one, proof: proofs[i]! }));
      return (await market.verify({ ...file, runs })).proofs;
    });
  const [own, other] = file.runs.map(({ proof }) => proof);
  const theirs = (await as('insurer', ({ market }) => market.state(asked.hash, month))).runs[0]!.proof;
  expect(verified.proofs!.map(({ entry }) => entry)).toEqual([expect.any(Number), expect.any(Number)]);
  await expect
    .poll(
      async () =>
        (await as('hospital', ({ market }) => market.state(asked.hash, month))).runs[0]!.proof!.split('— ').length,
    )
    .toBeGreaterThan(2);
  const cosigned = await as('hospital', ({ market }) => market.state(asked.hash, month));
  expect((await as('researcher', ({ market }) => market.verify(cosigned))).proofs![0]!.witnesses).not.toEqual([]);
  expect((await proven([null, other!]))!.map(({ entry }) => entry)).toEqual([null, expect.any(Number)]);
  const swapped = {
    code: 'peer-disagrees',
    culprit: 'hospital',
    message: expect.stringContaining('says something else'),
  };
  await expect(proven([other!, own!])).rejects.toMatchObject(swapped);
  const moved = own!.replace(/^index (\d+)$/m, (_, index: string) => `index ${Number(index) + 1}`);
  await expect(proven([moved, other!])).rejects.toMatchObject({ code: 'peer-disagrees', culprit: 'hospital' });
  await expect(proven([theirs, other!])).rejects.toMatchObject({ code: 'bad-signature' });
  const forged = own!.replace(/^(— \S+ .{12})./m, (_, start: string) => `${start}_`);
  await expect(proven([forged, other!])).rejects.toMatchObject({ code: expect.stringMatching(/^bad-/) });
  // One run is left out: what remains is a true statement of less, and the licensee sees what is missing.
  const [, ...fewer] = file.runs;
  await expect(as('researcher', ({ market }) => market.verify({ ...file, runs: fewer }))).rejects.toMatchObject({
    code: 'peer-disagrees',
    culprit: 'hospital',
  });
  // Whoever signs other figures is found, though the signature is good.
  const said = unverifiedPayload(file.statement) as unknown as LicenceStatement;
  const { kind: _kind, version: _version, ...figures } = said;
  for (const lie of [
    { total: '100' },
    { split: { hospital: '180.5' } },
    { runs: figures.runs.map((use) => ({ ...use, purpose: null, amount: '180.5' })), sum: '361', total: '361' },
    { month: '2020-01' },
    { fee: '5', sum: '185.5', total: '185.5' },
  ]) {
    const statement = signLicenceStatement({ ...figures, ...lie }, homes.hospital.signingKey);
    await expect(
      as('researcher', ({ market }) => market.verify({ ...file, statement })),
      JSON.stringify(lie),
    ).rejects.toMatchObject({ code: 'peer-disagrees', culprit: 'hospital' });
  }
  const stranger = signLicenceStatement(figures, homes.insurer.signingKey);
  await expect(as('researcher', ({ market }) => market.verify({ ...file, statement: stranger }))).rejects.toThrow();
  // The true statement of a month with fewer runs: what is left out is seen where they are known.
  const [{ statement: only }] = [file.runs[0]!];
  const hidden = usageOf(
    unverifiedPayload(file.licence) as unknown as Licence,
    month,
    [unverifiedPayload(only) as unknown as StudyStatement],
    null,
  );
  const less = signLicenceStatement({ ...figures, ...hidden }, homes.hospital.signingKey);
  const found = await as('researcher', ({ market }) =>
    market.verify({ ...file, statement: less, runs: [file.runs[0]] }),
  );
  expect(found.missing).toEqual([figures.runs[1]!.attempt]);

  // The third of the month, and one more.
  await requestStudy(homes.researcher.path, run);
  await expect(requestStudy(homes.researcher.path, run)).rejects.toMatchObject({ code: 'agreement-limit' });
  const after = await as('insurer', ({ market }) => market.show(asked.hash));
  expect(after.used).toEqual({ day: 3, month: 3, term: 3 });
});

test('each owner of a pool decides alone: what one declines stays declined, and the others can be asked without it', async () => {
  const network = await marketNetwork();
  onTestFinished(() => network.close());
  const { as } = network;
  // The insurer has visits of other patients: together they are one table.
  await as('insurer', async ({ market, data }) => {
    await data.add('visits', { kind: 'csv', path: join(network.folder, 'hospital.csv') });
    await market.publish(visitsOffer({ price: { currency: 'EUR', perMonth: '10' } }));
  });
  await as('hospital', ({ market }) => market.publish(visitsOffer({ price: { currency: 'EUR', perMonth: '20' } })));
  await network.start();
  const pool = wish({
    offers: [
      { party: 'hospital', name: 'visits', as: 'v' },
      { party: 'insurer', name: 'visits', as: 'v' },
    ],
    joins: [],
    studies: [{ name: 'all', text: 'SELECT COUNT(*) AS n, SUM(v.visits) AS visits FROM v', maxRuns: 5 }],
  });
  const asked = await as('researcher', ({ market }) => market.request(pool));
  expect(asked.price).toMatchObject({ perMonth: '30', split: { hospital: '66.6667', insurer: '33.3333' } });
  await as('insurer', ({ market }) => market.decline(asked.hash, 'Not this year'));
  await expect.poll(() => as('hospital', async ({ market }) => (await market.show(asked.hash)).state)).toBe('declined');
  await expect(as('hospital', ({ market }) => market.approve(asked.hash))).rejects.toMatchObject({
    code: 'agreement-revoked',
  });
  const rest = await as('researcher', ({ market }) => market.request(pool, ['insurer']));
  expect(rest).toMatchObject({ owners: ['hospital'], price: { perMonth: '20', split: { hospital: '100' } } });
  await as('hospital', ({ market }) => market.approve(rest.hash));
  expect(await as('researcher', ({ market }) => market.show(rest.hash))).toMatchObject({ state: 'active' });
  const usage = await as('hospital', ({ market }) => market.usage(rest.hash, month));
  expect(usage).toMatchObject({ fee: '20', total: '20', split: { hospital: '20' }, runs: [] });

  // A subscription is over after its term: nothing runs, and nothing is to be paid.
  const after = await openContext(network.homes.hospital.path, { logger: quiet, now: () => new Date('2100-01-01') });
  onTestFinished(() => after.close());
  const asking = { agreement: rest.hash, study: 'all', by: 'researcher', rows: {} };
  await expect(decide(after, asking)).rejects.toMatchObject({ code: 'agreement-term' });
  const late = new Organisation(after);
  expect(await late.market.usage(rest.hash, '2099-12')).toMatchObject({ total: '20' });
  expect(await late.market.usage(rest.hash, '2100-01')).toMatchObject({ total: '0' });
  // What is not over yet has no statement.
  await expect(as('hospital', ({ market }) => market.usage(rest.hash, '2099-12'))).rejects.toMatchObject({
    code: 'request-invalid',
  });
});

test('a request for more than the catalogue says is seen, and answered', async () => {
  const network = await marketNetwork();
  onTestFinished(() => network.close());
  await publishAll(network);
  await network.start();
  const { as } = network;
  const more = wish({ price: { perRun: '10' }, quota: { perMonth: 50 } });
  const asked = await as('researcher', ({ market }) => market.request(more));
  const [request] = await as('hospital', ({ market }) => market.requests());
  expect(request!.beyond).toEqual([
    'visits is offered for 3 runs a month, not 50',
    'the own part of the price a run is less than the entries ask',
  ]);
  await expect(as('hospital', ({ market }) => market.approve(asked.hash))).rejects.toMatchObject({
    code: 'agreement-limit',
    culprit: 'researcher',
  });
  const counter = { price: { perRun: '180.50' }, quota: { researcher: { perMonth: 3 } } };
  const answer = await as('hospital', ({ market }) => market.counter(asked.hash, counter));
  for (const party of ['researcher', 'insurer'] as const) {
    await as(party, ({ market }) => market.approve(answer.hash));
  }
  const [old, now] = await as('researcher', ({ market }) =>
    Promise.all([market.show(asked.hash), market.show(answer.hash)]),
  );
  expect([old.state, now.state]).toEqual(['amended', 'active']);
});

test('a catalogue holds nothing of the records', async () => {
  const network = await marketNetwork();
  onTestFinished(() => network.close());
  const { as } = network;
  const offer = await as('hospital', ({ market }) => market.publish(visitsOffer()));
  const [shown] = await as('hospital', ({ market }) => market.offers());
  const { sample, ...text } = shown!;
  // The control: these stand in the file, and the number of rows in the store.
  const own = await as('hospital', ({ data }) => data.show('visits'));
  expect(own).toMatchObject({ rows: planted.rows });
  expect(own.columns.find(({ name }) => name === 'visits')).toMatchObject({ max: String(planted.visits) });
  const traces = `"(rows|maxRows)":${planted.rows}\\b|\\b${planted.visits}\\b|P1\\d\\d\\d`;
  expect(JSON.stringify(text)).not.toMatch(new RegExp(traces));
  // Made by whoever reads the offer, from the offer: its numbers may be anybody's by chance.
  expect(sample).toEqual(sampleRows(offer));
  expect(JSON.stringify(sample)).not.toMatch(/P1\d\d\d/);
  expect(offer.rows).toEqual({ from: 10, to: 99 });
  for (const bad of [
    {
      columns: { person: { type: 'text', policy: 'join', required: true }, age: { type: 'boolean', policy: 'filter' } },
    },
    { name: 'nothing' },
    { surplus: 1 },
  ]) {
    await expect(as('hospital', ({ market }) => market.publish(visitsOffer(bad)))).rejects.toThrow();
  }
  await as('hospital', ({ market }) => market.withdraw('visits'));
  expect(await as('hospital', ({ market }) => market.offers())).toEqual([]);
});
