import { afterAll, beforeAll, test } from 'vitest';
import { Organisations } from '../support/organisations.ts';

let both: Organisations;

beforeAll(async () => {
  both = new Organisations();
  await both.prepare();
});

afterAll(() => both.close());

test('typing errors are met with a suggestion, and the rule can be tried', async () => {
  const draft = 'symbolon agreement draft --home fred --title Shared --partner sally --key-service keys --data members';
  await both.play(`
    $ ${draft} --partner-table patients.json --rule "a.medicade = b.medicaid"
    ! symbolon: unknown column 'a.medicade'; did you mean a.medicaid? …
    !   rule  rule-unknown-column: …
    ! …
    [1]
    $ ${draft} --partner-table patients.json --rule "a.medicaid = = b.medicaid"
    ! symbolon: the rule is not valid SQL: …
    ! …
    [1]
    $ ${draft} --partner-table members.csv --rule "a.medicaid = b.medicaid"
    ! symbolon: members.csv is not the description of a table
    ! …
    [1]
    $ ${draft} --rule "a.medicaid = b.medicaid"
    ! symbolon: required option '--partner-table <file>' not specified
    ! …
    [2]
    $ ${draft} --partner-table patients.json --key member_no --partner-key patient_no --rule "a.medicaid = b.medicaid OR agree(a.name, b.name) >= 0.8"
    title   Shared
    …
    signed  by nobody yet; missing: fred, sally
    …
  `);
  const [info] = await both.value<{ hash: string }[]>(['agreement', 'list', '--home', 'fred']);
  both.names.short = info!.hash.slice(0, 8);
  await both.play(`
    $ symbolon agreement try {short} --pairs examples.csv --home fred
       A.MEDICAID  A.NAME   B.MEDICAID  B.NAME   VERDICT  HOLDS
    1  1110001111  ann lee  1110001111  someone  match    C1
    2  (none)      ann lee  (none)      bob ray  –
    …
    $ symbolon agreement try {short} --pairs members.csv --home fred
    ! symbolon: no example pair has a.medicaid, a.name
    ! …
    [1]
    $ symbolon agreement show -abcdef --home fred
    ! symbolon: there is no agreement -abcdef here
    ! …
    [1]
    $ symbolon agreement send {short} --home fred
    ! symbolon: nobody has signed the draft "Shared"
    ! …
    [1]
  `);
});

test('says which pairs are compared, which count, and who learns what', async () => {
  const draft =
    'symbolon agreement draft --home fred --title Blocked --partner sally --key-service keys --data members ' +
    '--partner-table patients.json --rule "agree(a.name, b.name) >= 0.8"';
  await both.play(`
    $ ${draft} --block "a.medicaid = b.medicaid" --cap 0
    ! symbolon: --cap is a number from 1 to 16, not 0
    ! …
    [2]
    $ ${draft} --cap 2
    ! symbolon: --cap is for blocking keys: give --block too
    ! …
    [2]
    $ ${draft} --learn c
    ! symbolon: --learn is a, b or both, not c
    ! …
    [2]
    $ ${draft} --block "a.medicaid <> b.medicaid"
    ! symbolon: blocking key 1, a.medicaid <> b.medicaid: it is no equality of a and b
    ! …
    [1]
    $ ${draft} --block "a.medicaid = b.medicaid" --block "left(a.name, 1) = left(b.name, 1)" --cap 2 --cardinality many-to-one --learn a --count
    title    Blocked
    …
    match    agree(a.name, b.name) >= 0.8
    compare  only pairs of rows that agree on one of these keys:
             1. a.medicaid = b.medicaid
             2. left(a.name, 1) = left(b.name, 1)
             …
    counts   for each row of a, at most one row of b: …
    learn    Fred's Health Insurance alone: how many pairs match, not which rows. …
    …
  `);
  const infos = await both.value<{ hash: string; title: string }[]>(['agreement', 'list', '--home', 'fred']);
  const { hash } = infos.find(({ title }) => title === 'Blocked')!;
  await both.play(
    `
    $ symbolon agreement try {hash} --pairs examples.csv --home fred
       A.NAME   B.NAME   VERDICT  HOLDS  KEYS
    1  ann lee  someone  –               K1
    2  ann lee  bob ray  –               none
    …
    $ symbolon link tune {hash} --pairs examples.csv --errors high --home fred
    ! symbolon: --errors has no meaning with --pairs
    ! …
    [2]
    $ symbolon link tune {hash} --errors many --home fred
    ! symbolon: --errors is low, usual, high, not many
    ! …
    [2]
    $ symbolon link tune {hash} --keys 17 --home fred
    ! symbolon: --keys is a number from 1 to 16, not 17
    ! …
    [2]
    $ symbolon link tune {hash} --sample 50 --home fred
    ! …
    Blocked: … own rows; … own records, each with a copy with usual errors, of which the rule matches …
    …
    K1  …
    …
    The best set for each cap:
    …
    Proposed, … found; for symbolon agreement draft:
      --block '…
    …
    $ symbolon agreement list --home fred
    AGREEMENT  TITLE    STATE  RUNS LEFT  SIGNED BY  MISSING
    …          Shared   draft  12                    fred, sally
    …          Blocked  draft  12                    fred, sally
    $ symbolon agreement discard {hash} --home fred
    ! ✔ "Blocked" is gone.
    $ symbolon agreement show {hash} --home fred
    ! symbolon: there is no agreement …
    ! …
    [1]
  `,
    { hash },
  );
});
