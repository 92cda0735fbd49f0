import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Organisations } from '../support/organisations.ts';

let both: Organisations;

beforeAll(async () => {
  both = new Organisations();
  await both.prepare();
  await both.serve('keys', 'keys');
  await both.serve('party', 'fred');
  await both.serve('party', 'sally');
  await both.play(`
    $ symbolon agreement draft --home fred --title Shared --partner sally --key-service keys --data members --partner-table patients.json --rule "a.medicaid = b.medicaid"
  `);
  both.names.first = await newest('fred');
});

afterAll(() => both.close());

/** What fred's log has of the answer. */
async function changes(): Promise<string[]> {
  const all = await both.value<{ what: string; by: string | null; log: object | null }[]>([
    'agreement',
    'history',
    both.names.answer!,
    '--home',
    'fred',
  ]);
  return all.filter(({ log }) => log !== null).map(({ what, by }) => `${what} ${by}`);
}

/** Waits until fred's server was told. */
const heard = (change: string) => expect.poll(changes, { interval: 200 }).toContain(change);

async function newest(home: string): Promise<string> {
  const infos = await both.value<{ hash: string }[]>(['agreement', 'list', '--home', home]);
  return infos.at(-1)!.hash.slice(0, 8);
}

test('a proposal is countered, the answer signed, suspended, resumed and revoked, and the history says so', async () => {
  writeFileSync(join(both.folder, 'changes.yaml'), 'title: Fewer\nlink:\n  maxRuns: 3\n');
  writeFileSync(join(both.folder, 'wrong.yaml'), 'link:\n  maxRuns: 1.5\n');
  await both.play(`
    $ symbolon agreement counter {first} --with changes.yaml --home fred
    ! symbolon: "Shared" is draft; only what is proposed can be answered
    ! …
    [1]
    $ symbolon agreement sign {first} --home fred
    $ symbolon agreement send {first} --home fred
    $ symbolon agreement counter {first} --with wrong.yaml --home sally
    ! symbolon: wrong.yaml:2:12: link.maxRuns …
    ! …
    [1]
    $ symbolon agreement counter {first} --with changes.yaml --home sally
    title …
    …
  `);
  both.names.answer = await newest('sally');
  await both.play(`
    $ symbolon agreement sign {answer} --home sally
    $ symbolon agreement send {answer} --home sally
    $ symbolon agreement show {first} --home fred
    state  countered
    next   read the answer (symbolon agreement show {answer}), then sign, counter or decline that
    …
    $ symbolon agreement sign {answer} --home fred
    $ symbolon agreement send {answer} --home fred
    $ symbolon agreement suspend {answer} --reason "Audit" --home sally
    ! ✔ "Fewer" is suspended.
    state …
      by sally on …: Audit
    …
    $ symbolon agreement suspend {answer} --home sally
    ! symbolon: required option '--reason <words>' not specified
    ! …
    [2]
  `);
  await heard('suspended sally');
  await both.play(`
    $ symbolon agreement resume {answer} --reason "I want it" --home fred
    ! symbolon: "Fewer" is suspended, but not by fred
    ! …
    [1]
    $ symbolon agreement resume {answer} --reason "Done" --home sally
    ! ✔ "Fewer" is active.
    …
    $ symbolon agreement lapse {answer} --reason "Not again" --home sally
    ! symbolon: …
    ! …
    [1]
    $ symbolon agreement revoke {answer} --reason "The project is over" --home sally
    ! ✔ "Fewer" is revoked.
    …
    $ symbolon link run {answer} --home sally
    ! symbolon: …is revoked. sally revoked it on …: The project is over.
    ! …
    !   rule  agreement-revoked: …
    ! …
    [1]
    $ symbolon agreement decline {first} --reason "No" --home sally
    ! symbolon: …
    ! …
    [1]
    $ symbolon agreement history {answer} --home sally
    WHEN …
    …
    … revoked … sally (owner) … The project is over …
    $ symbolon audit verify --home sally
    $ symbolon audit verify --home fred
  `);
  await heard('revoked sally');
  expect(await changes()).toEqual(['signed sally', 'signed fred', 'suspended sally', 'resumed sally', 'revoked sally']);
});
