import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, test } from 'vitest';
import { Organisations } from '../support/organisations.ts';
import { play, root } from '../support/script.ts';

const folder = mkdtempSync(join(tmpdir(), 'symbolon-agreement-'));
const example = readFileSync(join(root, 'docs/agreement-example.yaml'), 'utf8');

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the example of the documentation can be drafted; what is wrong with another is told with its line', async () => {
  writeFileSync(join(folder, 'agreement.yaml'), example);
  const changed = example.replace('perRun: "250.00"', 'perRun: "300.00"').replace('perMonth: 40', 'perMonth: 60');
  writeFileSync(join(folder, 'new.yaml'), changed);
  writeFileSync(join(folder, 'sql.yaml'), example.replace('AVG(stays.days)', 'AVG(stays.day)'));
  writeFileSync(
    join(folder, 'bad.yaml'),
    example
      .replace('renewal: { months', 'renewal: { month')
      .replace('towards: [insurer, university]', 'towards: insurer'),
  );
  writeFileSync(join(folder, 'path.yaml'), example.replace("code = 'EMER'", "code == 'EMER'"));
  await play(
    folder,
    `
    $ symbolon agreement check agreement.yaml
    agreement.yaml says an agreement that can be drafted.
    $ symbolon agreement check bad.yaml
    bad.yaml:87:20  studies.tables.claims.columns.cost.towards must be a list
      do: Correct it.
    bad.yaml:174:1  renewal.months is missing
      do: Add it.
    bad.yaml:174:12  renewal.month is not known here
      do: Did you mean months?
    [1]
    $ symbolon agreement check sql.yaml
    sql.yaml:94:13  studies.list.0.text cannot be computed: unknown column 'stays.day'; did you mean stays.days? …
      do: Use a table and column of the agreement.
    [1]
    $ symbolon agreement check path.yaml
    path.yaml:138:21  alerts.0.events.2.when.fhirPath cannot be computed: line 1, column 23: extraneous input '='
      do: Write FHIRPath, like Encounter.class.code = 'EMER'.
    [1]
    $ symbolon agreement diff agreement.yaml new.yaml
    ! 2 changes: + new, − gone, ~ changed.
    price
      ~ the price
          a run: 250.00 → 300.00

    quota
      ~ quota of university
          a month: 40 → 60
    $ symbolon agreement diff agreement.yaml agreement.yaml
    ! They say the same.
    Nothing changes.
    $ symbolon agreement diff agreement.yaml bad.yaml
    ! symbolon: bad.yaml:87:20: studies.tables.claims.columns.cost.towards must be a list, and 2 more
    ! …
    [1]
    $ symbolon agreement schema
    {
      "$schema": "https://json-schema.org/draft/2020-12/schema",
    …
  `,
    {},
  );
});

const whole = `
title: Shared members
parties: [fred, sally]
keyService: keys
term: { from: 2026-01-01, until: 2030-12-31 }
purpose: { text: To pay once for each patient., uses: [HPAYMT], legalBasis: [HIPAA 164.506] }
tables:
  a: { party: fred, dataset: members, maxRows: 100, columns: { medicaid: { type: text, maxLength: 12, normalise: [] } } }
  b: { party: sally, dataset: patients, maxRows: 100, columns: { medicaid: { type: text, maxLength: 12, normalise: [] } } }
link: { rule: a.medicaid = b.medicaid, reveal: count, to: [fred, sally], maxRuns: 3 }
studies:
  tables:
    members:
      holders: [{ party: fred, dataset: members }]
      maxRows: 100
      patient: member_no
      columns:
        member_no: { type: text, policy: join, required: true }
        age: { type: number, policy: filter, required: true, min: "0", max: "120", unit: a }
  joins: []
  minPatients: 10
  list: []
  templates:
    - name: older
      text: SELECT COUNT(*) AS n FROM members WHERE age >= {age}
      parameters: { age: { type: number, min: "18", max: "90" } }
      to: [sally]
      maxRuns: 4
  free: { by: [sally], tables: [members], methods: [select], to: [sally], maxRuns: 1 }
quota: { fred: { perDay: 1 } }
`;

test('a file becomes a draft, with the keys of its members from their cards', async () => {
  const both = new Organisations();
  try {
    await both.initialise();
    await both.accept();
    writeFileSync(join(both.folder, 'whole.yaml'), whole);
    writeFileSync(join(both.folder, 'rule.yaml'), whole.replace('b.medicaid, reveal', 'b.medicade, reveal'));
    writeFileSync(
      join(both.folder, 'stranger.yaml'),
      whole.replace('parties: [fred, sally]', 'parties: [fred, sally, zoe]'),
    );
    await both.play(`
      $ symbolon agreement draft-file whole.yaml --home fred
      title        Shared members
      …
      purpose      To pay once for each patient.
                   payment for care (HPAYMT)
      legal basis  fred: HIPAA 164.506, treatment, payment and health-care operations
      …
      quota        fred may start at most 1 run a day
      …
      signed       by nobody yet; missing: fred, sally
      …
      $ symbolon agreement draft-file rule.yaml --home fred
      ! symbolon: unknown column 'b.medicade'; did you mean b.medicaid? …
      ! …
      [1]
      $ symbolon agreement draft-file stranger.yaml --home fred
      ! symbolon: …
      !   who   zoe
      ! …
      [1]
      $ symbolon agreement draft-file nothing.yaml --home fred
      ! symbolon: nothing.yaml cannot be read
      ! …
      [1]
    `);
    const [{ hash }] = (await both.value(['agreement', 'list', '--home', 'fred'])) as [{ hash: string }];
    both.names.short = hash.slice(0, 8);
    const own = 'name: own\ntitle: Own\nagreement: x\nsql: SELECT COUNT(*) AS n FROM members\nto: [sally]\n';
    writeFileSync(join(both.folder, 'own.yaml'), own);
    writeFileSync(join(both.folder, 'new.yaml'), whole.replace('perDay: 1', 'perDay: 2'));
    await both.play(`
      $ symbolon agreement diff {short} new.yaml --home fred
      ! 1 change: + new, − gone, ~ changed.
      quota
        ~ quota of fred
            a day: 1 → 2
      $ symbolon study ask older --agreement {short} --set age=65 --home fred
      study      older-…
      agreement  Shared members
      result to  sally
      runs left  4
      approval   of one person here
      ! Next: symbolon study approve older-…
      $ symbolon study ask older --agreement {short} --set age=17 --home fred
      ! symbolon: age: must be a number from 18 to 90
      ! …
      [1]
      $ symbolon study ask older --agreement {short} --set age --home fred
      ! symbolon: a value is set as name=value, not age
      ! …
      [2]
      $ symbolon study ask own.yaml --agreement {short} --home fred
      ! symbolon: Only sally may ask free studies; fred asked. …
      ! …
      [1]
    `);
  } finally {
    await both.close();
  }
});
