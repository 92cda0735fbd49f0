import { readFileSync } from 'node:fs';
import type { Studies } from '@symbolon/agreement';
import { runStudyOn } from '@symbolon/party';
import type { Download, Page } from 'playwright-core';
import { someStudies, tables, type World } from './world.ts';

/** What the CSV files say, joined in plain JavaScript: what a study must come to. */
export function joined(): { app: boolean; cost: number; visits: number }[] {
  const read = (csv: string): Record<string, string>[] => {
    const [head, ...lines] = csv.trim().split('\n');
    const names = head!.split(',');
    return lines.map((line) => Object.fromEntries(line.split(',').map((value, i) => [names[i]!, value])));
  };
  const { fred, sally } = tables();
  const patients = new Map(read(sally).map((row) => [row.medicaid, row]));
  return read(fred).flatMap(({ medicaid, app, cost }) => {
    const patient = patients.get(medicaid!);
    return patient === undefined ? [] : [{ app: app === 'true', cost: Number(cost), visits: Number(patient.visits) }];
  });
}

/** Fred's members, as his file has them. */
export function memberCosts(): { app: boolean; cost: number }[] {
  return tables()
    .fred.trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','))
    .map(([, , , app, cost]) => ({ app: app === 'true', cost: Number(cost) }));
}

/** Of numbers. */
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Studies whose results have each kind of plot, a number that too few stand behind, and a template. */
export function allKinds(): Studies {
  const studies = someStudies();
  const { members, patients } = studies.tables;
  const text = (name: string, method: string, sql: string, parameters = ''): string =>
    `name: ${name}\ntitle: Kinds of results\nagreement: App and visits\nmethod: ${method}\nsql: ${sql}\n${parameters}to: [fred, sally]\n`;
  const listed = (name: string, whole: string, to = ['fred', 'sally']) => ({ name, text: whole, to, maxRuns: 5 });
  return {
    ...studies,
    minPatients: 4,
    tables: {
      members: {
        ...members!,
        columns: {
          ...members!.columns,
          cost: { type: 'number', policy: 'filter', min: '0', max: '1000', required: true },
        },
      },
      patients: {
        ...patients!,
        columns: {
          ...patients!.columns,
          visits: { type: 'number', policy: 'group', min: '0', max: '20', required: true },
        },
      },
    },
    list: [
      ...studies.list,
      listed(
        'by-visits',
        'SELECT p.visits, COUNT(*) AS n FROM members m JOIN patients p ON m.medicaid = p.medicaid GROUP BY p.visits ORDER BY p.visits',
        ['fred'],
      ),
      listed('costs', text('costs', 'histogram', 'SELECT cost AS value FROM members', 'parameters:\n  width: 200\n')),
      listed('risk', text('risk', 'risk', 'SELECT app AS exposed, cost > 500 AS outcome FROM members')),
      listed(
        'lasting',
        text(
          'lasting',
          'survival',
          'SELECT cost AS time, cost < 800 AS event, app AS grp FROM members',
          'parameters:\n  at: [300, 500, 700]\n',
        ),
      ),
    ],
    templates: [
      {
        name: 'dear',
        text: 'name: dear\ntitle: Members above a cost\nagreement: App and visits\nsql: SELECT COUNT(*) AS n FROM members WHERE cost > {above}\nto: [fred, sally]\n',
        parameters: { above: { type: 'number', min: '0', max: '900' } },
        to: ['fred', 'sally'],
        maxRuns: 5,
      },
    ],
  };
}

/** Both houses approve a study, and Fred's analyst runs it. @returns the number of the run at Fred's */
export async function ran(world: World, hash: string, study: string): Promise<number> {
  for (const house of ['fred', 'sally'] as const) {
    await world.as(house, 'stella', ({ studies }) => studies.approve(hash, study, 'stella'));
  }
  return world.as('fred', 'anton', (_, client) => runStudyOn(client, { agreement: hash, study }, {}));
}

/** What a page has handed over. */
export const contentsOf = async (download: Download): Promise<string> => readFileSync(await download.path(), 'utf8');

/** The report of a run as the server gives it, with a table of many rows in place of its own: no study of a test comes to so many. */
export function manyRows(page: Page, run: number, count: number): Promise<unknown> {
  return page.route(`**/v1/study-runs/${run}/report`, async (route) => {
    const report = (await (await route.fetch()).json()) as { plots: unknown; parts: unknown };
    const rows = Array.from({ length: count }, (_, i) => [
      `group ${i}`,
      i % 1000 === 7 ? null : ((i * 7919) % 100_003).toLocaleString('en'),
    ]);
    const columns = [
      { name: 'group', numeric: false },
      { name: 'n', numeric: true },
    ];
    report.parts = [{ by: null, tables: [{ caption: 'Many', columns, rows, legend: null }], fit: null }];
    report.plots = [];
    await route.fulfill({ json: report });
  });
}
