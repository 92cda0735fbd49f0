import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hosted, type Ran } from '../support/hosted.ts';
import { Organisations } from '../support/organisations.ts';
import { symbolon } from '../support/script.ts';

const password = 'a tall kettle sings 7 tunes';
let all: Organisations;

beforeAll(async () => {
  all = new Organisations();
  await all.initialise();
  await all.serve('party', 'fred');
});

afterAll(() => all.close());

/** A command of somebody who sits at another desk: with settings of their own, typing `lines`. */
function at(desk: string, command: string, lines: readonly string[] = []): Promise<Ran> {
  const env = { XDG_CONFIG_HOME: join(all.folder, desk) };
  const words = [...command.split(' '), '--home', 'fred'];
  return lines.length === 0
    ? hosted(all.folder, words, env)
    : symbolon(all.folder, words, env, `${lines.join('\n')}\n`);
}

test('the owner makes the first users; they set a password, log in, and do what their roles say', async () => {
  await all.play(`
    $ symbolon user list --home fred
    ! No users yet: whoever owns the folder does everything. Make one: symbolon user add.
    $ symbolon whoami --home fred
    user   owner
    name   the owner of the folder
    roles  data-steward, privacy-officer, analyst, operator, auditor
    $ symbolon user add ada --role root --home fred
    ! symbolon: there is no role root
    !   do    Roles are: data-steward, privacy-officer, analyst, operator, auditor.
    [2]
    $ symbolon user add owner --role analyst --home fred
    ! symbolon: the server answered: id: must be 2 to 31 small letters, digits, - and ., and no name that has a meaning here
    ! …
    [1]
  `);
  const made = await at('owner', 'user add ada --name Ada --role analyst --role operator');
  expect(made.stderr).toContain('ada runs: symbolon user password --setup');
  const code = made.stdout.trim();
  expect(code).toMatch(/^[\w-]{43}$/);
  await all.play(`
    $ symbolon whoami --home fred
    …
    roles  operator
  `);

  const weak = await at('ada', 'user password --setup', [code, 'fred fred fred']);
  expect([weak.code, weak.stderr]).toEqual([1, expect.stringContaining('password-weak')]);
  expect((await at('ada', 'user password --setup', [code, password])).stdout).toContain('The password of ada is set.');
  const wrong = await at('ada', 'login ada', ['wrong']);
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('the user or the password is wrong')]);
  const entered = await at('ada', 'login ada', [password]);
  expect([entered.code, entered.stderr]).toEqual([0, expect.stringContaining('You are Ada (analyst, operator) at')]);
  const who = await at('ada', 'whoami --json');
  expect(JSON.parse(who.stdout)).toMatchObject({ kind: 'user', id: 'ada', roles: ['analyst', 'operator'] });
  // The owner is still the owner.
  expect(JSON.parse((await at('owner', 'whoami --json')).stdout)).toMatchObject({ kind: 'owner' });
});

test('the token lies with the settings of who logged in, for nobody else to read', async () => {
  const file = join(all.folder, 'ada', 'symbolon', 'sessions.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(all.folder, 'ada', 'symbolon')).mode & 0o777).toBe(0o700);
  expect(readFileSync(file, 'utf8')).not.toContain(password);
});

test('users manage each other: roles, codes, who is kept out', async () => {
  const { stdout: code } = await at('ada', 'user add bob --role auditor');
  await at('bob', 'user password --setup', [code.trim(), password]);
  await at('bob', 'login bob', [password]);
  expect((await at('bob', 'user add eve --role analyst')).stderr).toContain('forbidden');
  expect((await at('ada', 'user roles ada auditor')).stderr).toContain('nobody changes their own roles');
  expect((await at('ada', 'user roles bob operator auditor')).stdout).toMatch(/roles +operator, auditor/);
  const gone = await at('bob', 'whoami');
  expect([gone.code, gone.stderr]).toEqual([1, expect.stringContaining('unauthenticated')]);
  await at('bob', 'login bob', [password]);
  expect((await at('bob', 'user disable ada')).stdout).toMatch(/state +disabled/);
  expect((await at('ada', 'whoami')).code).toBe(1);
  expect((await at('owner', 'user disable bob')).stderr).toContain('bob is the last user who manages users');
  await at('bob', 'user enable ada');
  expect((await at('owner', 'user list')).stdout).toMatch(
    /^ID +NAME +ROLES +FROM +STATE\nada +Ada +analyst, operator +local +active\nbob +bob +operator, auditor +local +active\n$/,
  );
});

test('a password is changed, lost and set again; a logout ends the session on the server', async () => {
  await at('ada', 'login ada', [password]);
  const next = `${password} 8`;
  expect((await at('ada', 'user password', [password, next])).stderr).toContain('Your password is changed');
  expect((await at('ada2', 'login ada', [password])).code).toBe(1);
  expect((await at('ada2', 'login ada', [next])).code).toBe(0);
  expect((await at('ada', 'user passkeys')).stderr).toContain('You have no passkey.');
  expect((await at('ada', 'logout --everywhere')).stderr).toContain('ada is logged out.');
  expect((await at('ada2', 'whoami')).code).toBe(1);
  expect((await at('ada2', 'logout')).code).toBe(0);
  expect(readFileSync(join(all.folder, 'ada', 'symbolon', 'sessions.json'), 'utf8')).not.toContain('token');
  const { stdout: code } = await at('owner', 'user password --for ada');
  expect((await at('ada', 'user password --setup', [code.trim(), password])).code).toBe(0);
  expect((await at('ada', 'login ada', [password])).code).toBe(0);
});

test('no password or code is taken as an argument', async () => {
  const argument = await at('ada', `login ada --password ${password.replaceAll(' ', '-')}`);
  expect([argument.code, argument.stderr]).toEqual([2, expect.stringContaining("unknown option '--password'")]);
  const nothing = await at('ada', 'login ada', []);
  expect([nothing.code, nothing.stderr]).toEqual([2, expect.stringContaining('no password was given')]);
});
