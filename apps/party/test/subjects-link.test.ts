import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument, unverifiedPayload } from '@symbolon/crypto';
import { Log } from '@symbolon/ledger';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Match, type Organisation, requestLink } from '../src/index.ts';
import { Announced } from '../src/link/announced.ts';
import { agree, members, patients, type TestNetwork, testNetwork } from './network.ts';

let network: TestNetwork;
beforeEach(async () => {
  network = await testNetwork();
  await network.start();
});
afterEach(() => network.close());

const matchesOf = (run: number) =>
  network.fred(async ({ links }) => {
    const all: Match[] = [];
    for await (const match of links.matches(run)) all.push(match);
    return all;
  });
const keysOf = async (run: number) => (await matchesOf(run)).map(({ key }) => key);
const link = (agreement: string) => requestLink(network.homes.fred.path, { agreement });
const without = (csv: string, id: string): string =>
  csv
    .split('\n')
    .filter((line) => !line.startsWith(`${id},`))
    .join('\n');

describe.each([
  ['tolerant', {}],
  ['exact', { rule: 'a.medicaid = b.medicaid' }],
  ['blocked', { link: { blocking: { keys: ['a.born = b.born'], cap: 4 } } }],
] as const)('a %s link', (_, terms) => {
  test('leaves out who opted out, at either side, as if the row were not there', async () => {
    const agreement = await agree(network, terms);
    const before = await link(agreement);
    expect(await keysOf(before.id)).toContain('M-104');
    expect(before.details).toMatchObject({ rows: { a: 5, b: 6 }, leftOut: 0 });

    const listed = await network.fred(({ subjects }) => subjects.optOut({ dataset: 'members', values: ['m-104 '] }));
    expect(listed).toEqual({ dataset: 'members', column: 'medicaid', people: 1, records: 1 });
    const left = await link(agreement);
    expect(left.details).toMatchObject({ rows: { a: 4, b: 6 }, matches: before.details!.matches! - 1, leftOut: 1 });
    expect((await network.sally(({ links }) => links.show(left.id))).details).toMatchObject({
      rows: { a: 4, b: 6 },
      leftOut: 0,
    });
    expect(await keysOf(left.id)).not.toContain('M-104');

    // M-100 is P1 over there.
    await network.sally(({ subjects }) => subjects.optOut({ dataset: 'patients', values: ['P1'] }));
    const both = await link(agreement);
    expect(both.details).toMatchObject({ rows: { a: 4, b: 5 }, matches: before.details!.matches! - 2 });
    const keys = await keysOf(both.id);
    // The oracle: files without those rows, and empty lists.
    await network.fred(({ subjects }) => subjects.optIn({ dataset: 'members', values: ['M-104'] }));
    await network.sally(({ subjects }) => subjects.optIn({ dataset: 'patients', values: ['p1'] }));
    writeFileSync(join(network.folder, 'members.csv'), without(members, 'M-104'));
    writeFileSync(join(network.folder, 'patients.csv'), without(patients, 'P1'));
    const oracle = await link(agreement);
    expect(oracle.details).toMatchObject({ rows: { a: 4, b: 5 }, leftOut: 0 });
    expect(await keysOf(oracle.id)).toEqual(keys);
  });
});

test('matches keep the number of the record in the source, whoever was left out before it', async () => {
  const agreement = await agree(network);
  await network.fred(({ subjects }) => subjects.optOut({ dataset: 'members', values: ['M-101', 'M-100'] }));
  const { id } = await link(agreement);
  expect((await matchesOf(id)).map(({ row, key }) => [row, key])).toEqual([
    [2, 'M-102'],
    [3, 'M-103'],
    [4, 'M-104'],
  ]);
});

test('an opt-out from one agreement, for one purpose, or from a later day leaves the others alone', async () => {
  const agreement = await agree(network);
  await network.fred(async ({ subjects }) => {
    await subjects.optOut({ dataset: 'members', values: ['M-100'] }, { from: '2099-01-01' });
    await subjects.optOut({ dataset: 'members', values: ['M-101'] }, { from: '2020-01-01' });
    await subjects.optOut({ dataset: 'members', values: ['M-102'] }, { agreement: agreement.slice(0, 8) });
    // This agreement names no purpose, so it may be any.
    await subjects.optOut({ dataset: 'members', values: ['M-103'] }, { purpose: 'HMARKT' });
  });
  expect(await keysOf((await link(agreement)).id)).toEqual(['M-100', 'M-104']);
});

test('both sign who started a run and what for: who opted out of another purpose takes part', async () => {
  const purpose = {
    text: 'Shared patients.',
    uses: ['HMARKT', 'HQUALIMP'] as const,
    legalBasis: ['GDPR 6(1)(a)', 'GDPR 9(2)(a)'] as const,
  };
  const agreement = await agree(network, { link: { purpose } });
  await network.fred(({ subjects }) =>
    subjects.optOut({ dataset: 'members', values: ['M-104'] }, { purpose: 'HMARKT' }),
  );
  for (const [purpose, isLeftOut] of [
    ['HMARKT', true],
    ['HQUALIMP', false],
  ] as const) {
    const { id } = await requestLink(network.homes.fred.path, { agreement, purpose });
    expect((await keysOf(id)).includes('M-104')).toBe(!isLeftOut);
    const statement = await network.fred(({ links }) => links.statement(id));
    expect(unverifiedPayload(parseDocument(statement!))).toMatchObject({ initiator: 'fred', purpose });
    expect(await network.sally(({ links }) => links.statement(id))).toEqual(statement);
  }
});

test('who is erased has no match any more, in the database file neither, and none later', async () => {
  const agreement = await agree(network);
  const first = await link(agreement);
  const inFile = (text: string) => filesOf(network.homes.fred.path).some((bytes) => bytes.includes(text));
  expect(inFile('M-102')).toBe(true);

  const erased = await network.fred(({ subjects }) => subjects.erase({ dataset: 'members', values: ['M-102'] }));
  expect(erased).toMatchObject({ people: 1, records: 1, matches: 1, unknown: [] });
  expect(await keysOf(first.id)).toEqual(['M-100', 'M-101', 'M-103', 'M-104']);
  await network.stop('fred');
  expect(inFile('M-102')).toBe(false);
  expect(inFile('M-103')).toBe(true);

  await network.start();
  expect(await keysOf((await link(agreement)).id)).toEqual(['M-100', 'M-101', 'M-103', 'M-104']);
  const back = network.fred(({ subjects }) => subjects.optIn({ dataset: 'members', values: ['M-102'] }));
  await expect(back).rejects.toMatchObject({ code: 'conflict' });
  expect(await network.fred(({ audit }) => audit.verify())).toMatchObject({ ok: true });
});

test('the list does not hold what it is about, nor does the log', async () => {
  await agree(network, { signed: false });
  const planted = 'Zx-9173-planted';
  await network.fred(async ({ subjects }) => {
    await subjects.optOut({ dataset: 'members', values: [planted] });
    await subjects.erase({ dataset: 'members', values: [`${planted}-2`] });
    await subjects.hold({ dataset: 'members', value: `${planted}-3`, reason: 'control-8842' });
  });
  const contents = filesOf(network.homes.fred.path);
  const holds = (text: string) => contents.some((bytes) => bytes.includes(text) || bytes.includes(text.toLowerCase()));
  expect(holds(planted)).toBe(false);
  // The control: what is kept in clear is found this way.
  expect(holds('control-8842')).toBe(true);
  const events = await network.fred(async ({ log }) =>
    (await log.store.entries(0, log.size)).map(({ event }) => event),
  );
  const kinds = events.map((event) => JSON.parse(Buffer.from(event!).toString()));
  expect(kinds).toEqual([
    {
      kind: 'subjects-opted-out',
      dataset: 'members',
      column: 'medicaid',
      people: 1,
      agreement: null,
      purpose: null,
      from: null,
      by: 'owner',
    },
    expect.objectContaining({ kind: 'subjects-erased', people: 1, by: 'owner' }),
    expect.objectContaining({ kind: 'hold-set', person: true, until: null, by: 'owner' }),
  ]);
});

test('matches that a number alone tells apart are not guessed: the runs are named', async () => {
  const agreement = await agree(network);
  const { id } = await link(agreement);
  const erased = await network.fred(({ subjects }) =>
    subjects.erase({ dataset: 'members', column: 'name', values: ['Cleo Park'] }),
  );
  expect(erased).toMatchObject({ column: 'name', people: 1, records: 1, matches: 0, unknown: [id] });
  expect(await keysOf((await link(agreement)).id)).toEqual(['M-100', 'M-101', 'M-103', 'M-104']);
});

describe('who opts out while a run has their record', () => {
  afterEach(() => vi.restoreAllMocks());

  test.each(['link-begun', 'result-opening'])(
    'ends it, at the moment of %s at the latest: nothing opens',
    async (kind) => {
      const agreement = await agree(network);
      const { append } = Log.prototype;
      let opting: Promise<unknown> | undefined;
      vi.spyOn(Log.prototype, 'append').mockImplementation(async function (this: Log<unknown>, event, ...rest) {
        if ((event as { kind: string }).kind === kind && this.origin === 'symbolon/sally') {
          opting ??= network.sally(({ subjects }) => subjects.optOut({ dataset: 'patients', values: ['P1'] }));
          await opting;
        }
        return append.call(this, event, ...rest);
      } as typeof append);
      await expect(link(agreement)).rejects.toMatchObject({ code: expect.stringMatching(/^peer-|^session-/) });
      vi.restoreAllMocks();
      const run = await vi.waitFor(async () => {
        const last = (await network.sally(({ links }) => links.list())).at(-1);
        expect(last?.state).toBe('failed');
        return last!;
      });
      expect(run.error).toMatch(/^data-changed: people of patients opted out/);
      for (const { events } of [await network.fred(kindsOf), await network.sally(kindsOf)]) {
        expect(events).not.toContain('link-done');
        if (kind === 'result-opening') expect(events.filter((one) => one === 'result-opening').length).toBeLessThan(2);
      }
      // The next attempt leaves them out.
      expect((await link(agreement)).details).toMatchObject({ rows: { a: 5, b: 5 }, matches: 4 });
    },
  );

  test('after the peer announced the run: the table is read again', async () => {
    const agreement = await agree(network);
    const { hold } = Announced.prototype;
    let held = 0;
    vi.spyOn(Announced.prototype, 'hold').mockImplementation(function (this: Announced, peer, of, read) {
      hold.call(this, peer, of, async () => {
        const table = await read();
        held = table.input.rows;
        await network.sally(({ subjects }) => subjects.optOut({ dataset: 'patients', values: ['P1'] }));
        return table;
      });
    });
    expect((await link(agreement)).details).toMatchObject({ rows: { a: 5, b: 5 }, matches: 4 });
    expect(held).toBe(6);
  });
});

async function kindsOf({ log }: Organisation): Promise<{ events: string[] }> {
  const records = await log.store.entries(0, log.size);
  return { events: records.map(({ event }) => JSON.parse(Buffer.from(event!).toString()).kind) };
}

/** The embedded database and its journal. */
function filesOf(home: string): Buffer[] {
  return readdirSync(home)
    .filter((name) => name.startsWith('symbolon.db'))
    .map((name) => readFileSync(join(home, name)));
}
