import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Organisations, stop } from '../support/organisations.ts';
import { symbolon } from '../support/script.ts';

let both: Organisations;

beforeAll(async () => {
  both = new Organisations();
  await both.prepare();
  await both.play(`
    $ symbolon agreement draft --home fred --title Shared --partner sally --key-service keys --data members --partner-table patients.json --key member_no --partner-key patient_no --rule "a.medicaid = b.medicaid OR agree(a.name, b.name) >= 0.8"
  `);
  const [info] = await both.value<{ hash: string }[]>(['agreement', 'list', '--home', 'fred']);
  both.names.short = info!.hash.slice(0, 8);
});

afterAll(() => both.close());

test('an unsigned agreement is refused; a signed one runs; all logs are sound', async () => {
  await both.serve('keys', 'keys');
  const fred = await both.serve('party', 'fred');
  await both.serve('party', 'sally');
  await both.play(`
    $ symbolon agreement sign {short} --home fred
    ! ✔ Signed. Not signed yet by sally. Next: symbolon agreement send {short}
    agreement …
    …
    $ symbolon link explain {short} --home fred
    …
    $ symbolon link run {short} --home fred
    ! symbolon: …not signed by sally…
    ! …
    !   rule  agreement-unsigned: …
    ! …
    [1]
    $ symbolon agreement send {short} --home fred
    $ symbolon agreement check {short} --home sally
    ✔ members …
    …
    $ symbolon agreement sign {short} --home sally
    $ symbolon agreement send {short} --home sally
    $ symbolon link run {short} --home fred
    run …
    …
    matches    2 pairs
    …
    $ symbolon link export 99 --out none.txt --home fred
    ! symbolon: there is no run 99 here
    ! …
    [1]
    $ symbolon audit verify --home fred
    $ symbolon audit verify --home sally
    $ symbolon audit verify --home keys
    $ symbolon doctor --home sally
  `);
  const runs = await both.value<{ id: number; state: string }[]>(['link', 'list', '--home', 'fred']);
  const done = runs.find(({ state }) => state === 'done')!;
  const { stdout } = await symbolon(both.folder, ['link', 'export', String(done.id), '--home', 'fred']);
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0]).toBe('row,key,own_number,peer_row');
  expect(lines.slice(1).map((line) => line.split(',').slice(0, 2))).toEqual([
    ['1', 'M1'],
    ['2', 'M2'],
  ]);
  const exported = await both.value<{ row: number }[]>(['link', 'export', String(done.id), '--home', 'fred']);
  expect(exported.map(({ row }) => row)).toEqual([1, 2]);
  await symbolon(both.folder, ['link', 'export', String(done.id), '--home', 'fred', '--out', 'matches.csv']);
  expect(readFileSync(join(both.folder, 'matches.csv'), 'utf8')).toBe(stdout);
  expect(await stop(fred)).toBe(0);
});

test('a database that was put back is not served, but in a new epoch', async () => {
  const file = join(both.folder, 'fred/symbolon.db');
  const copy = readFileSync(file);
  const restore = (): void => {
    for (const rest of ['-wal', '-shm']) rmSync(file + rest, { force: true });
    writeFileSync(file, copy);
  };
  const fred = await both.serve('party', 'fred');
  await both.play('$ symbolon link run {short} --home fred\n! …');
  await both.play(`
    $ symbolon store recover --yes --home fred
    ! symbolon: a server is running for …
    ! …
    [1]
  `);
  await stop(fred);
  restore();
  await both.play(`
    $ symbolon serve party --home fred
    ! …
    ! symbolon: … holds a checkpoint of the log of fred that has … entries; the database of fred has …
    ! …
    !   rule  store-behind: …
    !   do    Restore the newest backup; …\`symbolon store recover\`.
    [1]
    $ symbolon store recover --home fred
    ! This database has … entries of epoch 1 of the log. Epoch 2 is next.
    ! symbolon: nobody confirmed that a new epoch is to be opened
    ! …
    [2]
    $ symbolon store recover --yes --home fred
    ! This database has …
    ! ✔ Epoch 2 of the log is open. …
    PARTNER  HOLDS
    keys     … entries of epoch 1
    sally    … entries of epoch 1
    $ symbolon audit verify --home fred
    ! …
    epoch       2
    entries     1
    …
    epoch 1     … entries, ended by \`symbolon store recover\`
  `);
  expect(await both.value(['store', 'recover', '--yes', '--home', 'fred'])).toMatchObject({
    epoch: 3,
    before: { epoch: 2, size: 1 },
    witnesses: [
      { id: 'keys', state: 'holds', epoch: 1 },
      { id: 'sally', state: 'holds', epoch: 1 },
    ],
  });
  const recovered = await both.serve('party', 'fred');
  await both.play(`
    $ symbolon link run {short} --home fred
    ! symbolon: …The store of fred was recovered, … Agree on a successor.
    ! …
    !   rule  agreement-limit: …
    ! …
    [1]
    $ symbolon agreement list --home fred
    AGREEMENT  TITLE   STATE   RUNS LEFT  SIGNED BY    MISSING
    {short}    Shared  active  0          fred, sally
    $ symbolon agreement discard {short} --home fred
    ! symbolon: "Shared" is signed here and stays
    ! …
    [1]
  `);
  await stop(recovered);
  restore();
});

test('a log that was changed is found out', async () => {
  const database = new DatabaseSync(join(both.folder, 'fred/symbolon.db'));
  const changed = database
    .prepare('UPDATE log_entry SET event = ? WHERE "index" = 0')
    .run(Buffer.from('{"kind":"other"}'));
  database.close();
  expect(changed.changes).toBe(1);
  await both.play(`
    $ symbolon audit verify --home fred
    ! ✘ entries 0 to 0: the event does not give the entry
    ! Keep a copy of this folder as evidence, and tell all privacy officers.
    [1]
  `);
});
