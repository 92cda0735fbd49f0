import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Organisations, stop } from '../support/organisations.ts';

const agreement = `
title: Visits
parties: [fred, sally]
term: { from: 2026-01-01, until: 2099-12-31 }
minPatients: 10
tables:
  visits:
    holders: [fred]
    maxRows: 500
    patient: id
    onePerPatient: true
    columns:
      id: { type: text, policy: join, required: true }
      visits: { type: number, min: "0", max: "20", policy: filter, required: true }
  people:
    holders: [sally]
    maxRows: 500
    patient: id
    onePerPatient: true
    columns:
      id: { type: text, policy: join, required: true }
      region: { type: text, values: [east, north, west], policy: group, required: true }
joins:
  - { hub: visits, spoke: people, on: [[id, id]] }
studies: [by-region.yaml]
`;
const study = `
name: by-region
title: Visits by region
agreement: agreement.yaml
sql: |
  SELECT people.region, COUNT(*) AS patients, SUM(visits.visits) AS visits
  FROM visits JOIN people USING (id)
  GROUP BY people.region ORDER BY people.region
to: [fred]
`;
const count = 60;
const id = (i: number): string => `p${1000 + i}`;
const rows = (head: string, row: (i: number) => unknown): string =>
  [head, ...Array.from({ length: count }, (_, i) => `${id(i)},${row(i)}`), ''].join('\n');
/** 30 in the north, 25 in the east, 5 in the west: fewer than agreed. */
const regionOf = (i: number): string => (i < 30 ? 'north' : i < 55 ? 'east' : 'west');

let both: Organisations;

beforeAll(async () => {
  both = new Organisations();
  const files = {
    'agreement.yaml': agreement,
    'by-region.yaml': study,
    'visits.csv': rows('id,visits', (i) => i % 7),
    'people.csv': rows('id,region', regionOf),
    'other.yaml': study.replace('people.region,', 'people.regoin,'),
    'narrow.yaml': study.replaceAll('people.region', 'visits.visits'),
    'unlisted.yaml': study.replace('by-region', 'by-regions'),
    'stranger.yaml': study.replace('[fred]', '[fred, carol]'),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(both.folder, name), text);
  await both.initialise();
  await both.accept();
  await both.play(`
    $ symbolon data add visits visits.csv --home fred
    $ symbolon data add people people.csv --home sally
  `);
});

afterAll(() => both.close());

test('a study is checked before anyone else sees it', async () => {
  await both.play(`
    $ symbolon study check by-region.yaml
    …
    It can be run.
    $ symbolon study check unlisted.yaml
    …
    It can be run once the draft lists it: …
    $ symbolon study check other.yaml
    ! symbolon: unknown column 'people.regoin'; did you mean people.region? …
    !   rule  study-unknown-column: …
    ! …
    [1]
    $ symbolon study check narrow.yaml
    ! symbolon: visits.visits stands in GROUP BY, and its policy is 'filter': …
    !   rule  study-policy: …
    ! …
    [1]
    $ symbolon study check stranger.yaml
    ! symbolon: the result goes to carol, who is no party of the draft
    ! …
    !   do    Parties are fred, sally.
    [1]
    $ symbolon study check none.yaml
    ! symbolon: none.yaml cannot be read
    ! …
    !   do    Check the path.
    [1]
  `);
});

test('drafted, signed, approved and run; what too few stand behind is suppressed everywhere; who receives nothing has nothing', async () => {
  await both.play(`
    $ symbolon agreement draft-studies agreement.yaml --key-service keys --home fred
    title     Visits
    …
    tables    people: of sally, at most 500 rows each, one a patient
    …
    COLUMN         TYPE    VALUES             MAY BE USED
    people.id      text    any                to join
    people.region  text    east, north, west  in conditions and sums, and to group by
    …
    ! Next: symbolon study explain NAME …
  `);
  const [info] = await both.value<{ hash: string }[]>(['agreement', 'list', '--home', 'fred']);
  both.names.short = info!.hash.slice(0, 8);
  await both.serve('keys', 'keys');
  await both.serve('party', 'fred');
  const sally = await both.serve('party', 'sally');
  await both.play(`
    $ symbolon agreement sign {short} --home fred
    $ symbolon agreement send {short} --home fred
    $ symbolon agreement check {short} --home sally
    …
    ✔ own table  people: 60 rows fit the agreement
    …
    $ symbolon agreement sign {short} --home sally
    $ symbolon agreement send {short} --home sally
    $ symbolon study approve by-region --by "A. Jansen" --home fred
    STUDY      AGREEMENT  RESULT TO  RUNS LEFT  HERE
    by-region  {short}    fred       12         approved by A. Jansen
    ! Next, when all parties have approved it: symbolon study run by-region
    $ symbolon study run by-region --home fred
    ! symbolon: sally answered: sally refuses the study 'by-region': not enough people here have approved it in just this form (0 of 1).
    ! …
    [1]
    $ symbolon study approve by-region.yaml --home sally
    $ symbolon study run by-region --home fred
    run        2
    …
    REGION  PATIENTS    VISITS
    east    25          77
    north   30          85
    west    suppressed  suppressed
    ! …
    ! Next: symbolon study export 2 --out report.html
    $ symbolon study show 1 --home sally
    run        1
    …
    statement  …
    $ symbolon study export 2 --out result.csv --home fred
    ! Written: result.csv
    $ symbolon study export 1 --out none.csv --home sally
    ! symbolon: run 1 has no result here
    ! …
    !   do    It was for fred; …
    [1]
    $ symbolon audit verify --home sally
  `);
  expect(readFileSync(join(both.folder, 'result.csv'), 'utf8').replaceAll('\r', '')).toBe(
    'region,patients,visits,suppressed\neast,25,77,\nnorth,30,85,\nwest,,,patients | visits\n',
  );
  writeFileSync(
    join(both.folder, 'people.csv'),
    rows('id,region', (i) => (i === 7 ? 'south' : regionOf(i))),
  );
  await both.play(`
    $ symbolon study run by-region --home fred
    ! symbolon: sally answered: sally cannot take part now: …
    ! …
    [1]
    $ symbolon agreement check {short} --home sally
    …
    ✘ own table  …people.csv, line 9, column 'region': …
    …
    ! It cannot be run as it is.
    [1]
  `);
  expect(await stop(sally)).toBe(0);
  await both.play(`
    $ symbolon study run by-region --home fred
    ! symbolon: sally cannot be reached at …
    !   rule  peer-gone: …
    ! …
    [1]
  `);
});
