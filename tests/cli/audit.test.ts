import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { homePaths } from '@symbolon/service';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Organisations, stop } from '../support/organisations.ts';
import { symbolon } from '../support/script.ts';

let both: Organisations;
let fred: ChildProcess;

beforeAll(async () => {
  both = new Organisations();
  await both.prepare();
  await both.play(`
    $ symbolon agreement draft --home fred --title Shared --partner sally --key-service keys --data members --partner-table patients.json --key member_no --partner-key patient_no --rule "a.medicaid = b.medicaid"
  `);
  const [info] = await both.value<{ hash: string }[]>(['agreement', 'list', '--home', 'fred']);
  both.names.short = info!.hash.slice(0, 8);
  await both.serve('keys', 'keys');
  fred = await both.serve('party', 'fred');
  await both.serve('party', 'sally');
  await both.play(`
    $ symbolon agreement sign {short} --home fred
    ! …
    agreement …
    …
    $ symbolon agreement send {short} --home fred
    $ symbolon agreement sign {short} --home sally
    $ symbolon agreement send {short} --home sally
    $ symbolon link run {short} --home fred
    run …
    …
  `);
});

afterAll(() => both.close());

const path = (name: string): string => join(both.folder, name);

test('a run counts once its partner and the key service have witnessed it, without anybody waiting', async () => {
  await vi.waitFor(
    async () => {
      for (const id of ['fred', 'sally']) {
        const { ok, unwitnessed, statements } = await both.value<Record<string, unknown>>([
          'audit',
          'verify',
          '--home',
          id,
        ]);
        expect({ ok, unwitnessed, statements }).toEqual({ ok: true, unwitnessed: [], statements: 1 });
      }
    },
    { interval: 500 },
  );
});

test('the log in words, by kind, agreement and run', async () => {
  await both.play(`
    $ symbolon audit show --kind link-done --home fred
    ! ✔ keys has witnessed all entries, last …
    ! ✔ sally has witnessed all entries, last …
    ENTRY  WHEN …  WHAT       OF WHAT
    …              link done  agreement {short}, …
    $ symbolon audit show --kind nothing --home fred
    ! …
    There are no such entries.
    $ symbolon audit show --since never --home fred
    ! symbolon: never is not a date
    ! …
    [2]
    $ symbolon audit show --run 99 --home fred
    ! symbolon: there is no run 99
    ! …
    [1]
  `);
  type Shown = { entries: { index: number; event: { kind: string } }[]; size: number };
  const kinds = async (...args: string[]) =>
    (await both.value<Shown>(['audit', 'show', ...args, '--home', 'fred'])).entries.map(({ event }) => event.kind);
  expect(await kinds('--run', '1')).toEqual(expect.arrayContaining(['link-begun', 'link-done']));
  expect(await kinds('--agreement', both.names.short!)).toContain('link-done');
  expect(await kinds('--agreement', 'Zz')).toEqual([]);
  expect(await kinds('--since', '2999-01-01')).toEqual([]);
  expect(await kinds('--home', 'fred')).toContain('agreement-signed');
  const { entries } = await both.value<Shown>(['audit', 'show', '--kind', 'session-issued', '--home', 'keys']);
  expect(entries.length).toBe(1);
});

test('files that anybody can verify with the keys of a partner', async () => {
  const { entries } = await both.value<{ entries: { index: number }[] }>([
    'audit',
    'show',
    '--kind',
    'link-done',
    '--home',
    'fred',
  ]);
  const index = String(entries[0]!.index);
  const { stdout } = await symbolon(both.folder, ['audit', 'keys', '--home', 'fred']);
  expect(stdout.split('\n').map((line) => line.split('+')[0])).toEqual([
    'symbolon/fred',
    'symbolon/keys',
    'symbolon/sally',
    '',
  ]);
  writeFileSync(path('trusted'), stdout);
  await both.play(
    `
    $ symbolon audit export --out log --home fred
    ! ✔ … entries in log, 0 events disclosed.
    WITNESS  HAS COSIGNED
    keys     …
    sally    …
    $ symbolon audit verify --log log --trust trusted --home nowhere
    ! ✔ The log is sound.
    log        symbolon/fred
    …
    $ symbolon audit prove {index} --out entry.proof --home fred
    ! ✔ entry.proof proves entry {index}.
    $ symbolon audit verify --proof entry.proof --trust trusted --home nowhere
    ! ✔ The log is sound.
    log …
    …
    $ symbolon audit verify --proof entry.proof --home nowhere
    ! symbolon: nobody is trusted
    ! …
    [2]
    $ symbolon audit export --out log --home fred
    ! symbolon: log exists
    ! …
    [1]
    $ symbolon audit prove 9999 --out none --home fred
    ! symbolon: the log has no entry 9999
    ! …
    [1]
    $ symbolon audit export --out other --events 1,x --home fred
    ! symbolon: x is not the number of an entry
    ! …
    [2]
  `,
    { ...both.names, index },
  );
  expect(existsSync(path('other'))).toBe(false);
  expect(readFileSync(path('log/events.jsonl'), 'utf8')).toBe('');
  writeFileSync(path('entry.proof'), readFileSync(path('entry.proof'), 'utf8').replace(/\nindex \d+/, '\nindex 0'));
  await both.play(`
    $ symbolon audit verify --proof entry.proof --trust trusted
    ! ✘ the event is not entry 0 of the log
    ! Keep a copy of these files as evidence, and tell all privacy officers.
    …
    [1]
  `);
});

test('what is shown of a log that was tampered with comes with an alarm', async () => {
  await stop(fred);
  const sqlite = new DatabaseSync(homePaths(path('fred')).database);
  const event = sqlite.prepare('SELECT event FROM log_entry WHERE "index" = 0').get()!.event as Uint8Array;
  const put = (bytes: Uint8Array): void => {
    sqlite.prepare('UPDATE log_entry SET event = ? WHERE "index" = 0').run(bytes);
  };
  const alarm = (reason: string, rest: string) => `
    $ symbolon audit show --home fred
    ! ✘ entries 0 to 0: ${reason}
    ! The log is not sound: do not rely on what it says. See: symbolon audit verify
    ! …
    ENTRY …
    0      ${rest}
    …
    [1]
  `;
  put(Buffer.from('{"kind":"agreement-forged"}'));
  await both.play(alarm('the event does not give the entry', '… agreement forged …'));
  put(Buffer.from('nonsense'));
  await both.play(alarm('the event: not JSON in UTF-8', '… (unreadable) …'));
  put(event);
  expect(await both.value(['audit', 'show', '--home', 'fred'])).toMatchObject({ faults: [] });
  sqlite.exec('DELETE FROM log_entry WHERE "index" = 1');
  sqlite.close();
  await both.play(`
    $ symbolon audit show --home fred
    ! ✘ entries 1 to 1: there is no such entry
    ! The log is not sound: do not rely on what it says. See: symbolon audit verify
    ! symbolon: the log has no entry 1
    ! …
    [1]
  `);
});
