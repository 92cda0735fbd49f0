import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jsonOf, root, symbolon } from './support/script.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'symbolon-alerts-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, lines: readonly string[]): void =>
  writeFileSync(join(folder, name), `${lines.join('\n')}\n`);

async function rehearse(...options: string[]): Promise<{ code: number | null; report: Record<string, unknown> }> {
  const ran = await symbolon(folder, ['rehearse', 'alerts', '--json', ...options]);
  return { code: ran.code, report: jsonOf(ran) as Record<string, unknown> };
}

const patience = 180_000;

const bulk = join(root, '../shared/data/fhir-bulk-10');
const present = existsSync(bulk);
if (!present) console.warn(`skipped: ${bulk} is not there (see CONTRIBUTING.md)`);

test.runIf(present)(
  'of a bulk export, exactly the stays of linked patients arrive that are of the agreed kinds, once',
  async () => {
    const linesOf = (type: string) =>
      readFileSync(join(bulk, `${type}.000.ndjson`), 'utf8')
        .trim()
        .split('\n');
    const members = linesOf('Patient').filter((_, i) => i % 2 === 0);
    write('members.ndjson', members);
    const ids = new Set(members.map((line) => (JSON.parse(line) as { id: string }).id));
    const stays = linesOf('Encounter').slice(0, 300);
    write('encounters.ndjson', stays);
    const [patients, events] = [join(bulk, 'Patient.000.ndjson'), join(folder, 'encounters.ndjson')];
    const { code, report } = await rehearse(
      '--patients',
      patients,
      '--members',
      join(folder, 'members.ndjson'),
      '--events',
      events,
    );
    // By another way: what the lines say.
    interface Stay {
      readonly class: { readonly code: string };
      readonly subject: { readonly reference: string };
    }
    const linked = stays
      .map((line) => JSON.parse(line) as Stay)
      .filter(({ subject }) => ids.has(subject.reference.slice('Patient/'.length)));
    const expected = linked.filter(({ class: kind }) => ['EMER', 'IMP'].includes(kind.code)).length;
    expect(expected).toBeGreaterThan(5);
    expect(report).toMatchObject({
      ...{ job: 'alerts', events: 300, unreadable: 0, linked: linked.length, ageUnknown: 0 },
      ...{ expected, arrived: expected, missing: 0, twice: 0, others: 0, equalsClear: true, auditVerified: true },
    });
    expect(code).toBe(0);
  },
  patience,
);

test(
  'HL7 by a rule, with an agreement: updates, cancelled stays, minors, and what nobody can read',
  async () => {
    const people = Array.from({ length: 40 }, (_, i) => ({
      mrn: `P${i}`,
      name: `${'abcdefgh'[i % 8]}${1000 + 7 * i} ward`,
      born: `${i % 10 === 0 ? 2015 : 1960}-03-04`,
    }));
    write('patients.csv', ['mrn,name,born', ...people.map(({ mrn, name, born }) => `${mrn},${name},${born}`)]);
    write('members.csv', [
      'number,name',
      ...people.filter((_, i) => i % 2 === 0).map(({ name }, i) => `M${i},${name.toUpperCase()}`),
    ]);
    const stamp = new Date(Date.now() - 86_400_000).toISOString().replace(/[-:T]|\.\d+Z$/g, '');
    const adt = (trigger: string, id: number, patient: string, visit: number, code = 'I21.4') =>
      [
        `MSH|^~\\&|EHR|GENERAL|S|I|${stamp}||ADT^${trigger}|${id}|P|2.5.1`,
        `EVN|${trigger}|${stamp}`,
        // The first is another's, and the number of somebody who is linked.
        `PID|1||${id === 1 ? '' : 'P2^^^ELSEWHERE^MR~'}${patient}^^^GENERAL^MR`,
        `PV1|1|I${'|'.repeat(17)}V${visit}${'|'.repeat(25)}${stamp}`,
        `DG1|1||${code}^x^I10C`,
      ].join('\r');
    write('adt.hl7', [
      adt('A01', 1, 'P2', 1),
      // The same message again, and an update: nothing more.
      adt('A01', 1, 'P2', 1),
      adt('A08', 2, 'P2', 1),
      // Not linked; no class; a minor; sensitive; nobody knows this patient.
      adt('A01', 3, 'P3', 2),
      adt('A01', 4, 'P4', 3, 'J18.9'),
      adt('A01', 5, 'P10', 4),
      adt('A01', 6, 'P6', 5, 'F32.9'),
      adt('A01', 7, 'X1', 6),
      // Taken back, once.
      adt('A01', 8, 'P8', 7),
      adt('A11', 9, 'P8', 7),
      adt('A11', 10, 'P8', 7),
      'MSH|^~\\&|EHR|GENERAL|S|I|20260101||ADT^A01|11|P|2.5.1',
    ]);
    write('alerts.yaml', [
      'alerts:',
      '  - name: heart',
      '    from: x',
      '    to: y',
      '    events:',
      '      - name: any',
      '        description: Of the heart, or of the mind',
      '        when: { valueSet: [{ system: "http://hl7.org/fhir/sid/icd-10-cm", codes: [I21*, F32*] }] }',
      '    mergeMinutes: 0',
      '    linkDays: 30',
    ]);
    const file = (name: string) => join(folder, name);
    const { code, report } = await rehearse(
      ...['--patients', file('patients.csv'), '--members', file('members.csv'), '--events', file('adt.hl7')],
      ...[
        '--rule',
        'agree(a.name, b.name) >= 0.9',
        '--patient',
        'mrn',
        '--born',
        'born',
        '--agreement',
        file('alerts.yaml'),
      ],
    );
    expect(report).toMatchObject({
      ...{ events: 11, unreadable: 1, expected: 3, arrived: 3, missing: 0, twice: 0, others: 0, equalsClear: true },
    });
    expect(code).toBe(0);
  },
  patience,
);
