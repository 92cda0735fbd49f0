import { join } from 'node:path';
import {
  addPartner,
  apiClient,
  type Contract,
  everyItem,
  followChanges,
  getOpenApi,
  type Home,
  listPartners,
  localClient,
  logReading,
  people,
  readPartnerCard,
} from '@symbolon/service';
import { describe, expect, onTestFinished, test } from 'vitest';
import { draftAgreement } from '../src/api/agreement-drafts.ts';
import { getAgreement, listAgreements, sendAgreement, signAgreement } from '../src/api/agreements.ts';
import { addDataset } from '../src/api/datasets.ts';
import { contracts, describeApi } from '../src/api/index.ts';
import { followJob, getJob, getStatus } from '../src/api/jobs.ts';
import { getLinkRun, listLinkRuns, listMatches, runLink } from '../src/api/links.ts';
import { verifyLog } from '../src/api/log.ts';
import * as operations from '../src/api/operations.ts';
import { getStudyResult, listStudyRuns } from '../src/api/studies.ts';
import { exportStudyReport, getStudyReport } from '../src/api/study-reports.ts';
import { openContext } from '../src/context.ts';
import { reachableSource, requireReachable } from '../src/handlers/datasets.ts';
import { localRoutes } from '../src/local-routes.ts';
import { Gateway } from '../src/outsource/gateway.ts';
import { peopleApi } from '../src/people-api.ts';
import { Jobs } from '../src/run/jobs.ts';
import { agree, quiet, testNetwork } from './network.ts';
import { studyNetwork } from './study-network.ts';

/** Asks a server as the owner of its folder. */
function ownerOf(home: Home) {
  const plain = localClient(home);
  const client = apiClient(plain);
  onTestFinished(() => client.close());
  /** The same request with the same key, `times` at once. */
  const again = (path: string, body: object, key: string, times: number) =>
    Promise.all(
      Array.from({ length: times }, () =>
        plain.call('POST', path, { body, answer: runLink.answer, headers: { 'idempotency-key': key } }),
      ),
    );
  return { ...client, again };
}

test('every contract has one handler, and every handler a contract', async () => {
  const network = await testNetwork();
  onTestFinished(() => network.close());
  const context = await openContext(network.homes.fred.path, { logger: quiet });
  onTestFinished(() => context.close());
  const jobs = await Jobs.open(context);
  const runners = {
    gateway: new Gateway(context, jobs),
    links: undefined as never,
    studies: undefined as never,
    alerts: { follower: undefined, sender: undefined } as never,
  };
  const { routes } = peopleApi(context, localRoutes(context, jobs, runners));
  const names = (list: readonly Pick<Contract, 'name'>[]): string[] => list.map(({ name }) => name).sort();
  expect(names(routes.map(({ contract }) => contract))).toEqual(names(contracts));
  expect(new Set(names(contracts)).size).toBe(contracts.length);
  for (const { contract } of routes) expect(contracts).toContain(contract);
  for (const { action, name } of contracts) expect(action ?? 'anybody', name).toMatch(/^anybody$|^[a-z]+\.[a-z-]+$/);
});

test('contracts are exported under their own names: clients that have types alone call them by these', () => {
  const all: Record<string, unknown> = {
    ...operations,
    ...people,
    ...logReading,
    listPartners,
    readPartnerCard,
    addPartner,
    getOpenApi,
    followChanges,
  };
  const exported = Object.entries(all).filter(
    (entry): entry is [string, Contract] => typeof entry[1] === 'object' && entry[1] !== null && 'path' in entry[1],
  );
  for (const [name, contract] of exported) expect(contract.name).toBe(name);
  expect(exported.map(([name]) => name).sort()).toEqual(contracts.map(({ name }) => name).sort());
});

describe('docs/openapi.json', () => {
  const api = describeApi();

  test('is what the contracts say (vitest run -u rewrites it)', async () => {
    const file = join(import.meta.dirname, '../../../docs/openapi.json');
    await expect(`${JSON.stringify(api, null, 1)}\n`).toMatchFileSnapshot(file);
  });

  test('refers to nothing that is not there, and names parameters and answers of every operation', () => {
    const found = (reference: string): unknown =>
      reference
        .slice(2)
        .split('/')
        .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], api);
    for (const [, reference] of JSON.stringify(api).matchAll(/"\$ref":"([^"]*)"/g)) {
      expect(reference).toMatch(/^#\/components\//);
      expect(found(reference!), reference).toBeTypeOf('object');
    }
    expect(found('#/components/schemas/Nothing')).toBeUndefined();
    const paths = api.paths as Record<string, Record<string, Operation>>;
    const ids: string[] = [];
    for (const [path, methods] of Object.entries(paths)) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const { operationId, parameters = [], responses } of Object.values(methods)) {
        ids.push(operationId);
        const declared = parameters.filter((one) => one.in === 'path').map(({ name }) => name);
        expect(declared.toSorted(), operationId).toEqual(inPath.toSorted());
        for (const parameter of parameters) expect(parameter.schema, operationId).toHaveProperty('type');
        expect(
          Object.keys(responses).some((status) => status.startsWith('2')),
          operationId,
        ).toBe(true);
        for (const [status, { description }] of Object.entries(responses)) {
          expect(status).toMatch(/^[2-5]\d\d$/);
          expect(description).not.toBe('');
        }
      }
    }
    expect(ids.toSorted()).toEqual(contracts.map(({ name }) => name).sort());
  });
});

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { name: string; in: string; schema: object }[];
  readonly responses: Readonly<Record<string, { description: string }>>;
}

test('a link, from the draft to the log, by contracts alone; sent twice, it runs once', async () => {
  const network = await testNetwork();
  onTestFinished(() => network.close());
  await network.start();
  const { fred: fredHome, sally: sallyHome } = network.homes;
  const [fred, sally] = [ownerOf(fredHome), ownerOf(sallyHome)];
  const source = (name: string) => ({ kind: 'csv' as const, path: join(network.folder, `${name}.csv`) });
  await fred.call(addDataset, { body: { name: 'members', source: source('members') } });
  await sally.call(addDataset, { body: { name: 'patients', source: source('patients') } });
  const partnerDataset = await network.sally(({ agreements }) => agreements.describe('patients'));
  const body = {
    title: 'Shared patients',
    as: 'a' as const,
    partner: 'sally',
    keyService: 'keys',
    dataset: 'members',
    partnerDataset: { name: partnerDataset.name, columns: partnerDataset.columns },
    key: 'medicaid',
    partnerKey: 'id',
    rule: 'a.medicaid = b.medicaid',
    maxRows: 100,
    maxRuns: 10,
    term: { from: '2020-01-01', until: '2099-12-31' },
  };
  const { hash } = await fred.call(draftAgreement, { body });
  const params = { hash };
  await expect(fred.call(sendAgreement, { params })).rejects.toMatchObject({ code: 'agreement-unsigned' });
  for (const side of [fred, sally]) {
    await side.call(signAgreement, { params });
    await side.call(sendAgreement, { params });
  }
  expect(await fred.call(getAgreement, { params })).toMatchObject({ missing: [], runsLeft: 10 });
  expect((await sally.call(listAgreements, {})).items.map((one) => one.hash)).toEqual([hash]);

  const begun = await fred.again('/v1/link-runs', { agreement: hash }, 'one-link-please', 50);
  const [{ job }] = begun as [{ job: number }];
  expect(new Set(begun.map((one) => one.job))).toEqual(new Set([job]));
  await expect(
    fred.again('/v1/link-runs', { agreement: hash.slice(0, 8) }, 'one-link-please', 1),
  ).rejects.toMatchObject({
    code: 'key-reused',
  });
  const phases = new Set<string>();
  for await (const { phase } of fred.follow(followJob, { params: { job } })) phases.add(phase);
  expect(phases).toContain('evaluate');
  const { state, run } = await fred.call(getJob, { params: { job } });
  expect(state).toBe('done');
  // The answer was lost, and the request comes once more.
  expect(await fred.again('/v1/link-runs', { agreement: hash }, 'one-link-please', 1)).toEqual([{ job }]);
  expect((await fred.call(listLinkRuns, {})).items.map(({ id }) => id)).toEqual([run]);
  expect(await fred.call(getStatus, {})).toMatchObject({ id: 'fred', running: [] });
  expect(await fred.call(getLinkRun, { params: { run: run! } })).toMatchObject({
    agreement: hash,
    details: { matches: 2 },
  });
  const matched = everyItem((after) => fred.call(listMatches, { params: { run: run! }, query: { after } }));
  const keys: (string | null)[] = [];
  for await (const { key } of matched) keys.push(key);
  expect(keys.toSorted()).toEqual(['M-100', 'M-104']);

  const kinds: unknown[] = [];
  const entries = everyItem((after) => fred.call(logReading.listLogEntries, { query: { after, limit: 2 } }));
  for await (const { event } of entries) kinds.push(event?.kind);
  expect(kinds).toEqual(expect.arrayContaining(['agreement-signed', 'link-done']));
  const at = kinds.indexOf('link-done');
  const entry = await fred.call(logReading.getLogEntry, { params: { index: at } });
  const { checkpoint } = await fred.call(logReading.getLogCheckpoint, {});
  expect(entry).toMatchObject({ index: at, event: { kind: 'link-done' }, checkpoint });
  expect(await fred.call(verifyLog, {})).toMatchObject({ ok: true, entries: kinds.length, statements: 1, faults: [] });
});

test('an agreement is signed once, and a study begun once, however often both are asked for at once', async () => {
  const network = await testNetwork();
  onTestFinished(() => network.close());
  await network.start();
  const hash = await agree(network, { signed: false });
  const fred = ownerOf(network.homes.fred);
  const signed = () => fred.call(signAgreement, { params: { hash } });
  await Promise.all(Array.from({ length: 10 }, signed));
  const events = (await fred.call(logReading.listLogEntries, {})).items.filter(
    ({ event }) => event?.kind === 'agreement-signed',
  );
  expect(events).toHaveLength(1);

  const three = await studyNetwork();
  onTestFinished(() => three.close());
  await three.start();
  const agreement = await three.agree();
  const hospital = ownerOf(three.homes.hospital);
  const begun = await hospital.again('/v1/study-runs', { agreement, study: 'by-region' }, 'one-study-please', 50);
  const job = begun[0]!.job;
  for await (const _ of hospital.follow(followJob, { params: { job } }));
  const { run, state } = await hospital.call(getJob, { params: { job } });
  expect(state).toBe('done');
  expect((await hospital.call(listStudyRuns, {})).items.map(({ id }) => id)).toEqual([run]);
  const { released } = await hospital.call(getStudyResult, { params: { run: run! } });
  expect(released!.columns).toEqual(['region', 'n', 'visits', 'cost']);

  const report = await hospital.call(getStudyReport, { params: { run: run! } });
  const [shown] = report.parts[0]!.tables;
  expect(shown!.columns.map(({ name, numeric }) => [name, numeric])).toEqual([
    ['region', false],
    ['n', true],
    ['visits', true],
    ['cost', true],
  ]);
  expect(shown!.rows.map(([region, n]) => [region, n])).toEqual(released!.rows.map(([region, n]) => [region, n]));
  expect(report.plots.map(({ kind }) => kind)).toEqual(['bars', 'bars', 'bars']);
  for (const [format, name, says] of [
    ['html', 'report.html', '<figure>'],
    ['csv', 'result.csv', 'region,n,visits,cost,suppressed'],
    ['json', 'result.json', '"symbolon-report"'],
  ] as const) {
    const { files } = await hospital.call(exportStudyReport, { params: { run: run! }, query: { format } });
    expect(files[0]!.name).toBe(name);
    expect(files[0]!.text).toContain(says);
  }
  const insurer = ownerOf(three.homes.insurer);
  const [own] = (await insurer.call(listStudyRuns, {})).items;
  const { released: learnt } = await insurer.call(getStudyResult, { params: { run: own!.id } });
  expect(learnt).toBeNull();
  await expect(insurer.call(getStudyReport, { params: { run: own!.id } })).rejects.toMatchObject({ code: 'not-found' });
});

test('over the network only files in the folders that are meant for it may be named', async () => {
  const network = await testNetwork();
  onTestFinished(() => network.close());
  const visit = { person: undefined, session: undefined, secure: true, cookies: new Map<string, string>() };
  const named = (path: string, address = '10.0.0.1'): void =>
    requireReachable({ kind: 'csv', path }, { ...visit, address }, [join(network.folder)]);
  expect(() => named(join(network.folder, 'members.csv'))).not.toThrow();
  expect(() => named('/etc/passwd', 'local')).not.toThrow();
  for (const path of [
    '/etc/passwd',
    `${network.folder}/../..${network.folder}`,
    `${network.folder}/../x`,
    network.folder,
  ]) {
    expect(() => named(path), path).toThrow(expect.objectContaining({ code: 'forbidden' }));
  }
  const url = 'postgres://10.0.0.2/db';
  const postgres = () =>
    requireReachable({ kind: 'postgres', url, table: 't' }, { ...visit, address: '10.0.0.1' }, ['/']);
  expect(postgres).toThrow(expect.objectContaining({ code: 'forbidden' }));
  const places = { dataFolders: [], databases: { warehouse: url } };
  const table = (database: string) =>
    reachableSource({ kind: 'postgres', database, table: 't' }, { ...visit, address: '10.0.0.1' }, places);
  expect(table('warehouse')).toEqual({ kind: 'postgres', url, table: 't' });
  for (const unknown of ['other', 'constructor', '__proto__']) {
    expect(() => table(unknown)).toThrow(expect.objectContaining({ code: 'not-found' }));
  }
});
