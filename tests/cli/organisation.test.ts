import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Organisations } from '../support/organisations.ts';
import { symbolon } from '../support/script.ts';

let both: Organisations;

beforeAll(async () => {
  both = new Organisations();
});

afterAll(() => both.close());

test('init makes private folders; a second time it is refused', async () => {
  await both.play(`
    $ symbolon init fred --name "Fred's Health Insurance" --host 127.0.0.1 --home fred
    id           fred
    role         party
    folder       …fred
    address      https://127.0.0.1:…
    fingerprint  …-…-…-…-…-…-…-…
    $ symbolon init fred --home fred
    ! symbolon: …fred is not empty
    ! …
    [1]
    $ symbolon init Fred! --home other
    ! symbolon: 'Fred!' cannot be the id of an organisation
    ! …
    [2]
    $ symbolon init sally --host 127.0.0.1 --home sally
    $ symbolon init keys --host 127.0.0.1 --role keyservice --home keys
  `);
  expect(statSync(join(both.folder, 'fred/keys')).mode & 0o077).toBe(0);
  expect(existsSync(join(both.folder, 'other'))).toBe(false);
});

test('partners: cards are taken only with the fingerprint that was read out', async () => {
  await both.invite();
  await both.play(`
    $ symbolon partner accept sally.card --home fred
    ! symbolon: nobody has compared the fingerprint of sally
    ! …
    [2]
    $ symbolon partner accept sally.card --home fred --fingerprint {keys}
    ! symbolon: sally.card is not the card with that fingerprint
    ! …
    !   do    Have it read out again, group by group. …
    [1]
    $ symbolon partner accept members.csv --home fred
    ! symbolon: members.csv is not a whole card: …
    ! …
    [1]
    $ symbolon partner list --home fred
    $ symbolon partner accept sally.card --home fred --fingerprint {sally}
    id …
    …
    $ symbolon partner accept keys.card --home fred --fingerprint {keys}
    $ symbolon partner accept fred.card --home sally --fingerprint {fred}
    $ symbolon partner accept keys.card --home sally --fingerprint {keys}
    $ symbolon partner accept fred.card --home keys --fingerprint {fred}
    $ symbolon partner accept sally.card --home keys --fingerprint {sally}
    $ symbolon partner list --home fred
    ID     NAME   ROLE        ADDRESS …  FINGERPRINT
    keys   keys   keyservice  …          {keys}
    sally  sally  party       …          {sally}
    $ symbolon doctor --home fred
    ✔ node           Node 24.…
    ✔ kernels        the computing kernels load
    ✔ folder         …fred: fred, party; keys are private
    …
    do: Start it: symbolon serve party --home …fred
    ✘ key service keys  keys cannot be reached at https://127.0.0.1:… (ECONNREFUSED)
    …
    ✘ partner sally  sally cannot be reached at https://127.0.0.1:… (ECONNREFUSED)
    …
    ! 2 of 11 checks found a fault.
    [1]
  `);
  writeFileSync(
    join(both.folder, 'altered.card'),
    readFileSync(join(both.folder, 'sally.card'), 'utf8').replace('"payload":"e', '"payload":"f'),
  );
  const altered = await symbolon(both.folder, ['partner', 'accept', 'altered.card', '--home', 'fred', '--json']);
  expect(altered.code).toBe(1);
});

test('data: types found, faults with file, line and column', async () => {
  await both.play(`
    $ symbolon data add members members.csv --home fred
    name    members
    source  …members.csv
    rows    3
    COLUMN     TYPE  VALUES               EMPTY
    member_no  text  up to 2 characters
    medicaid   text  up to 10 characters  1
    name       text  up to 7 characters
    $ symbolon data add patients bad.csv --home sally
    ! …
    [1]
    $ symbolon data add patients patients.csv --home sally
    ! ! patients was known already, from …bad.csv: replaced.
    ! …
    $ symbolon data add bad bad.csv --home fred
    ! ✘ 2 faults: bad cannot be linked until its source is corrected.
    !   …bad.csv, line 3, column 'name': the quote that opens this value is not closed…
    !   …bad.csv, line 4…
    [1]
    $ symbolon data add nothing nothing.csv --home fred
    ! symbolon: there is no file nothing.csv
    ! …
    [2]
    $ symbolon data add Bad members.csv --home fred
    ! symbolon: 'Bad' cannot name a data set
    ! …
    [1]
    $ symbolon data show member --home fred
    ! symbolon: there is no data set 'member' here
    ! …
    !   do    Known data sets: bad, members.
    [1]
    $ symbolon data remove bad --home fred
    ! bad is forgotten; …bad.csv stays.
    $ symbolon data remove bad --home fred
    ! symbolon: there is no data set 'bad' here
    ! …
    [1]
    $ symbolon data show patients --describe patients.json --home sally
  `);
  expect(JSON.parse(readFileSync(join(both.folder, 'patients.json'), 'utf8'))).toMatchObject({
    columns: { medicaid: { type: 'text', maxLength: 16 } },
  });
});

test('a folder that others can read is refused', async () => {
  chmodSync(join(both.folder, 'fred/keys'), 0o755);
  await both.play(`
    $ symbolon data list --home fred
    ! symbolon: …keys can be read by other users of this machine
    ! …
    !   do    Run: chmod go= …
    [1]
  `);
  chmodSync(join(both.folder, 'fred/keys'), 0o700);
});

test('nothing is left beside the folders that were asked for', () => {
  const left = readdirSync(both.folder).filter((name) => !/\.(csv|card|json)$/.test(name));
  expect(left.sort()).toEqual(['fred', 'keys', 'sally']);
});
