import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { run } from '@symbolon/cli';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { jsonOf, play, root, symbolon } from './support/script.ts';

let folder: string;
const servers: ChildProcess[] = [];
const names: Record<string, string> = {};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'symbolon-cli-'));
  const files = {
    'members.csv': 'member_no,medicaid,name\nM1,1110001111,Ann Lee\nM2,,Bob Ray\nM3,3330003333,Cy Dee\n',
    'patients.csv': 'patient_no,medicaid,name\nP1,9990001111,Zoe Fox\nP2,1110001111,Anne Lee\nP3,,Bob Raye\n',
    'bad.csv': 'id,name\n1,Ann\n2,"Bob\n3,Cy,too many\n',
    'examples.csv': 'a.medicaid,a.name,b.medicaid,b.name\n1110001111,Ann Lee,1110001111,Someone\n,Ann Lee,,Bob Ray\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
});

afterAll(async () => {
  await Promise.all(servers.map(stop));
  rmSync(folder, { recursive: true, force: true });
});

function stop(server: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    if (server.exitCode !== null) resolve(server.exitCode);
    server.once('exit', resolve);
    server.kill('SIGINT');
  });
}

function serve(role: string, home: string): Promise<ChildProcess> {
  const bin = join(root, 'apps/cli/bin/symbolon.mjs');
  const child = spawn(process.execPath, [bin, 'serve', role, '--home', home], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  servers.push(child);
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve(child));
    child.once('exit', (code) => reject(new Error(`serve ${role} ended with ${code}`)));
  });
}

async function value<T>(args: string[]): Promise<T> {
  return jsonOf(await symbolon(folder, [...args, '--json'])) as T;
}

/** The help of a command, in this process: starting one for each of them would take long. */
async function help(command: readonly string[]): Promise<string> {
  let text = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    expect(await run([...command, '--help'])).toBe(0);
  } finally {
    write.mockRestore();
  }
  return text;
}

describe('manners', () => {
  test('help, versions and mistyped commands', async () => {
    await play(
      folder,
      `
      $ symbolon --version
      0.1.0
      $ symbolon partnr
      ! symbolon: unknown command 'partnr'
      !   do    Did you mean partner? See: symbolon --help
      [2]
      $ symbolon data ad x y
      ! symbolon: unknown command 'ad'
      !   do    Did you mean add? See: symbolon data --help
      [2]
      $ symbolon help lnk
      ! symbolon: unknown command 'lnk'
      !   do    Did you mean link? See: symbolon --help
      [2]
      $ symbolon link rnu --help
      ! symbolon: unknown command 'rnu'
      !   do    Did you mean run? See: symbolon link --help
      [2]
      $ symbolon help link run
      Usage: symbolon link run [options] <agreement>
      …
      $ symbolon init
      ! symbolon: missing required argument 'id'
      ! …
      [2]
      $ symbolon data list --hom x
      ! symbolon: unknown option '--hom'
      !   do    Did you mean --home? See: symbolon data list --help
      [2]
      $ symbolon data list --home nowhere
      ! symbolon: …nowhere is not the folder of an organisation
      !   rule  not-found: …
      !   do    Make one with \`symbolon init\`, or name another with --home.
      [1]
      $ symbolon init --help
      Usage: symbolon init [options] <id>
      …
      Examples:
      …
    `,
    );
  });

  test('every command has --json and an example', async () => {
    const groups = ['partner', 'serve', 'data', 'agreement', 'link', 'audit', 'store', 'rehearse'];
    const leaves = [['init'], ['doctor'], ['demo']];
    for (const group of groups) {
      const text = await help([group]);
      const list = text.slice(text.indexOf('Commands:')).matchAll(/^ {2}([a-z]+) /gm);
      for (const [, leaf] of list) if (leaf !== 'help') leaves.push([group, leaf!]);
    }
    expect(leaves.length).toBeGreaterThan(20);
    for (const leaf of leaves) {
      const text = await help(leaf);
      expect(text, leaf.join(' ')).toMatch(/--json /);
      expect(text, leaf.join(' ')).toMatch(new RegExp(`\\$ symbolon ${leaf.join(' ')}`));
    }
  });

  test('a reader that has read enough, as in `… | head`, is no fault', async () => {
    const child = spawn(process.execPath, [join(root, 'apps/cli/bin/symbolon.mjs'), '--help'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += String(chunk);
    });
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
    expect(said).toBe('');
  });

  test('with --json a failure is one value too', async () => {
    const ran = await symbolon(folder, ['data', 'show', 'x', '--home', 'nowhere', '--json']);
    expect(ran.code).toBe(1);
    expect(jsonOf(ran)).toMatchObject({ error: { code: 'not-found', hint: expect.stringContaining('symbolon init') } });
  });
});

describe('two organisations', () => {
  test('init makes private folders; a second time it is refused', async () => {
    await play(
      folder,
      `
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
    `,
    );
    expect(statSync(join(folder, 'fred/keys')).mode & 0o077).toBe(0);
    expect(existsSync(join(folder, 'other'))).toBe(false);
  });

  test('partners: cards are taken only with the fingerprint that was read out', async () => {
    for (const id of ['fred', 'sally', 'keys']) {
      const { fingerprint } = await value<{ fingerprint: string }>([
        'partner',
        'invite',
        '--home',
        id,
        '--out',
        `${id}.card`,
      ]);
      names[id] = fingerprint;
    }
    await play(
      folder,
      `
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
      ! 2 of 10 checks found a fault.
      [1]
    `,
      names,
    );
    writeFileSync(
      join(folder, 'altered.card'),
      readFileSync(join(folder, 'sally.card'), 'utf8').replace('"payload":"e', '"payload":"f'),
    );
    const altered = await symbolon(folder, ['partner', 'accept', 'altered.card', '--home', 'fred', '--json']);
    expect(altered.code).toBe(1);
  });

  test('data: types found, faults with file, line and column', async () => {
    await play(
      folder,
      `
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
      $ symbolon data show patients --describe patients.json --home sally
    `,
    );
    expect(JSON.parse(readFileSync(join(folder, 'patients.json'), 'utf8'))).toMatchObject({
      columns: { medicaid: { type: 'text', maxLength: 16 } },
    });
  });

  test('agreement: typing errors are met with a suggestion, and the rule can be tried', async () => {
    const draft =
      'symbolon agreement draft --home fred --title Shared --partner sally --key-service keys --data members';
    await play(
      folder,
      `
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
    `,
    );
    const [info] = await value<{ hash: string }[]>(['agreement', 'list', '--home', 'fred']);
    names.agreement = info!.hash;
    names.short = info!.hash.slice(0, 8);
    await play(
      folder,
      `
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
    `,
      names,
    );
  });

  test('agreement: says which pairs are compared, which count, and who learns what', async () => {
    const draft =
      'symbolon agreement draft --home fred --title Blocked --partner sally --key-service keys --data members ' +
      '--partner-table patients.json --rule "agree(a.name, b.name) >= 0.8"';
    await play(
      folder,
      `
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
    `,
    );
    const infos = await value<{ hash: string; title: string }[]>(['agreement', 'list', '--home', 'fred']);
    const { hash } = infos.find(({ title }) => title === 'Blocked')!;
    await play(
      folder,
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

  test('link: an unsigned agreement is refused; a signed one runs; all logs are sound', async () => {
    await serve('keys', 'keys');
    const fred = await serve('party', 'fred');
    await serve('party', 'sally');
    await play(
      folder,
      `
      $ symbolon agreement sign {short} --home fred
      ! ✔ Signed. Not signed yet by sally. Next: symbolon agreement send {short}
      agreement …
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
    `,
      names,
    );
    const runs = await value<{ id: number; state: string }[]>(['link', 'list', '--home', 'fred']);
    const done = runs.find(({ state }) => state === 'done')!;
    const { stdout } = await symbolon(folder, ['link', 'export', String(done.id), '--home', 'fred']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('row,key,own_number,peer_row');
    expect(lines.slice(1).map((line) => line.split(',').slice(0, 2))).toEqual([
      ['1', 'M1'],
      ['2', 'M2'],
    ]);
    const exported = await value<{ row: number }[]>(['link', 'export', String(done.id), '--home', 'fred']);
    expect(exported.map(({ row }) => row)).toEqual([1, 2]);
    await symbolon(folder, ['link', 'export', String(done.id), '--home', 'fred', '--out', 'matches.csv']);
    expect(readFileSync(join(folder, 'matches.csv'), 'utf8')).toBe(stdout);
    expect(await stop(fred)).toBe(0);
  });

  test('a database that was put back is not served, but in a new epoch', async () => {
    const file = join(folder, 'fred/symbolon.db');
    const copy = readFileSync(file);
    const restore = (): void => {
      for (const rest of ['-wal', '-shm']) rmSync(file + rest, { force: true });
      writeFileSync(file, copy);
    };
    const fred = await serve('party', 'fred');
    await play(folder, '$ symbolon link run {short} --home fred\n! …', names);
    await play(
      folder,
      `
      $ symbolon store recover --yes --home fred
      ! symbolon: a server is running for …
      ! …
      [1]
    `,
    );
    await stop(fred);
    restore();
    await play(
      folder,
      `
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
    `,
    );
    expect(await value(['store', 'recover', '--yes', '--home', 'fred'])).toMatchObject({
      epoch: 3,
      before: { epoch: 2, size: 1 },
      witnesses: [
        { id: 'keys', state: 'holds', epoch: 1 },
        { id: 'sally', state: 'holds', epoch: 1 },
      ],
    });
    const recovered = await serve('party', 'fred');
    await play(
      folder,
      `
      $ symbolon link run {short} --home fred
      ! symbolon: …The store of fred was recovered, … Agree on a successor.
      ! …
      !   rule  agreement-limit: …
      ! …
      [1]
      $ symbolon agreement list --home fred
      AGREEMENT  TITLE   STATE   RUNS LEFT  SIGNED BY    MISSING
      {short}    Shared  signed  0          fred, sally
      $ symbolon agreement discard {short} --home fred
      ! symbolon: "Shared" is signed here and stays
      ! …
      [1]
    `,
      names,
    );
    await stop(recovered);
    restore();
  });

  test('a log that was changed is found out', async () => {
    const database = new DatabaseSync(join(folder, 'fred/symbolon.db'));
    const changed = database
      .prepare('UPDATE log_entry SET event = ? WHERE "index" = 0')
      .run(Buffer.from('{"kind":"other"}'));
    database.close();
    expect(changed.changes).toBe(1);
    await play(
      folder,
      `
      $ symbolon audit verify --home fred
      ! ✘ entries 0 to 0: the event does not give the entry
      ! Keep a copy of this folder as evidence, and tell all privacy officers.
      [1]
    `,
    );
  });

  test('a folder that others can read is refused', async () => {
    chmodSync(join(folder, 'fred/keys'), 0o755);
    await play(
      folder,
      `
      $ symbolon data list --home fred
      ! symbolon: …keys can be read by other users of this machine
      ! …
      !   do    Run: chmod go= …
      [1]
    `,
    );
    chmodSync(join(folder, 'fred/keys'), 0o700);
  });

  test('nothing is left beside the folders that were asked for', () => {
    const left = readdirSync(folder).filter((name) => !/\.(csv|card|json)$/.test(name));
    expect(left.sort()).toEqual(['fred', 'keys', 'sally']);
  });
});
