import type { Studies } from '@symbolon/agreement';
import type { Party } from './study-network.ts';

/*
 * A hospital, an insurer that knows its members by name and date of birth alone, with mistakes, and an office that knows everybody by number, and by
 * name too.
 */

const names = ['Ana Bélen', 'Willem Koster', 'Olga Petrova', 'Tariq Hussain', 'Yun Zhang', 'Eefje Duijn'];
const people = Array.from({ length: 60 }, (_, i) => ({
  id: `P${100 + i}`,
  name: `${names[i % names.length]} ${['Noor', 'Stefan', 'Ruut'][Math.floor(i / 6) % 3]}`,
  // Two are born on each day, of other names.
  born: `19${60 + (i >> 1)}-0${1 + ((i >> 1) % 9)}-11`,
  app: i % 3 !== 0,
  visits: (i * 5) % 11,
  cost: (i * 137) % 900,
  region: i % 4 < 2 ? 'north' : 'south',
}));

/** One letter wrong, or lacking; or in capitals, without accents. */
function misspelt(name: string, i: number): string {
  if (i % 3 === 0) return `${name.slice(0, 4)}${name.slice(5)}`;
  return i % 3 === 1 ? name.toUpperCase() : name.replace(/r/, 't');
}

const csv = (head: string, rows: readonly unknown[][]): string =>
  `${[head, ...rows.map((row) => row.join(','))].join('\n')}\n`;
export const patientRows = people.map(({ id, name, born, app, visits }) => [id, name, born, app, visits]);
export const memberRows = people
  .filter((_, i) => i % 10 !== 9)
  .map(({ name, born, cost }, i) => [`M${i}`, misspelt(name, i), born, cost]);
export const hospital = (rows: readonly unknown[][]): string => csv('person,name,born,app,visits', rows);
export const insurer = (rows: readonly unknown[][]): string => csv('member,name,born,cost', rows);
export const files: Record<Party, string> = {
  hospital: hospital(patientRows),
  insurer: insurer(memberRows),
  office: csv(
    'citizen,name,born,region',
    people
      .filter((_, i) => i % 7 !== 6)
      .map(({ id, name, born, region }, i) => [id, misspelt(name, i + 1), born, region]),
  ),
};

const id = { type: 'text', policy: 'join', required: true } as const;
export const name = { type: 'text', policy: 'join', maxLength: 24, normalise: ['nfkd', 'lower'] } as const;
const born = { type: 'date', policy: 'join', min: '1900-01-01', max: '2026-12-31' } as const;
const holders = (party: Party) => [{ party, dataset: 'people' }];
const common = { maxRows: 200, onePerPatient: true } as const;
const region = { type: 'text', policy: 'group', values: ['north', 'south'], required: true } as const;
const citizens = {
  ...common,
  holders: holders('office'),
  patient: 'citizen',
  columns: { citizen: id, name, born, region },
};
export const rule = 'levenshtein(a.name, b.name) <= 1 AND a.born = b.born';
export const blocking = { keys: ['a.born = b.born'], cap: 2 };
export const studies: Studies = {
  tables: {
    patients: {
      ...common,
      holders: holders('hospital'),
      patient: 'person',
      columns: {
        person: id,
        name,
        born,
        app: { type: 'boolean', policy: 'group', required: true },
        visits: { type: 'number', policy: 'filter', min: '0', max: '100', required: true },
      },
    },
    members: {
      ...common,
      holders: holders('insurer'),
      patient: 'member',
      columns: { member: id, name, born, cost: { type: 'number', policy: 'filter', min: '0', max: '1000' } },
    },
    residents: citizens,
    neighbours: citizens,
  },
  joins: [
    { hub: 'patients', spoke: 'members', rule, blocking },
    { hub: 'patients', spoke: 'neighbours', rule, blocking },
    { hub: 'patients', spoke: 'residents', on: [['person', 'citizen']] },
  ],
  minPatients: 3,
  list: [
    {
      name: 'mixed',
      text: 'SELECT r.region, COUNT(*) AS n, SUM(m.cost) AS cost, AVG(p.visits) AS visits FROM patients p JOIN members m ON agreed(p, m) JOIN residents r ON p.person = r.citizen WHERE p.app GROUP BY r.region',
      to: ['office', 'hospital'],
      maxRuns: 9,
    },
    {
      name: 'both',
      text: 'SELECT n.region, p.app, COUNT(*) AS n, SUM(m.cost) AS cost FROM patients p JOIN neighbours n ON agreed(p, n) JOIN members m ON agreed(p, m) GROUP BY n.region, p.app',
      to: ['insurer'],
      maxRuns: 9,
    },
    {
      name: 'members',
      text: 'SELECT COUNT(*) AS n, SUM(m.cost) AS cost FROM patients p JOIN members m ON agreed(p, m)',
      to: ['hospital'],
      maxRuns: 9,
    },
  ],
};

/** Who holds which of the tables. */
export const held = { patients: 'hospital', members: 'insurer', residents: 'office', neighbours: 'office' } as const;

/** How owners normalise what the files have, in SQL. */
export const normalised = 'lower(strip_accents(name)) AS name';
