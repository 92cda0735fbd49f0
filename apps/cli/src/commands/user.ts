import { everyItem, people, type Role, roles, roleWords } from '@symbolon/service';
import type { z } from 'zod';
import type { Leaf } from '../command.ts';
import { askSecret } from '../secrets.ts';
import { connect, serverName, withServer } from '../server.ts';
import { type ServerOptions, serverOptions } from '../server-options.ts';
import { facts, table, UsageError } from '../ui.ts';

type Account = z.output<typeof people.getUser.answer>;
type SetupCode = z.output<typeof people.addUser.answer>;

const aboutRoles = `Roles: ${roles.map((role) => `${role} ${roleWords[role]}`).join('; ')}.`;

/** `symbolon user add`. */
export const add: Leaf<ServerOptions & { name?: string; role: string[] }> = {
  name: 'add <id>',
  summary: 'make a user, who sets a password with the code that this prints',
  description: `Makes a user and prints a code, which works once, for three days. ${aboutRoles}`,
  examples: ['symbolon user add ada --name "Ada Lovelace" --role analyst --role auditor'],
  options: (command) =>
    serverOptions(command)
      .option('--name <name>', 'as others shall read it; the id if absent')
      .requiredOption('--role <role>', 'what the user does; repeat it for several', collect, []),
  run: async ({ ui, home }, [id], { name = id!, role, ...options }) => {
    const body = { id: id!, name, roles: knownRoles(role) };
    const setup = await withServer(home, options, (client) => client.call(people.addUser, { body }));
    return told(setup, ui, options);
  },
};

/** `symbolon user list`. */
export const list: Leaf<ServerOptions> = {
  name: 'list',
  summary: 'the users of a server and their roles',
  examples: ['symbolon user list', 'symbolon user list --json'],
  options: serverOptions,
  run: async ({ ui, home }, _, options) => {
    const users = await withServer(home, options, async (client) => {
      const pages = (after?: string) => client.call(people.listUsers, { query: after === undefined ? {} : { after } });
      const all: Account[] = [];
      for await (const each of everyItem(pages)) all.push(each);
      return all;
    });
    if (users.length === 0) {
      ui.say('No users yet: whoever owns the folder does everything. Make one: symbolon user add.');
      return { json: [] };
    }
    const rows = users.map((user) => [user.id, user.name, user.roles.join(', '), user.source, stateOf(user)]);
    return { json: users, text: table(['id', 'name', 'roles', 'from', 'state'], rows) };
  },
};

/** `symbolon user roles`. */
export const setRoles: Leaf<ServerOptions> = {
  name: 'roles <id> <roles...>',
  summary: 'give a user these roles and no others; that user is logged out',
  description: `Gives a user these roles and no others. ${aboutRoles}`,
  examples: ['symbolon user roles ada analyst auditor'],
  options: serverOptions,
  run: async ({ home }, [id, ...wanted], options) => {
    const input = { params: { id: id! }, body: { roles: knownRoles(wanted) } };
    return shown(await withServer(home, options, (client) => client.call(people.setUserRoles, input)));
  },
};

function disabling(name: 'disable' | 'enable', summary: string): Leaf<ServerOptions> {
  return {
    name: `${name} <id>`,
    summary,
    examples: [`symbolon user ${name} ada`],
    options: serverOptions,
    run: async ({ home }, [id], options) => {
      const input = { params: { id: id! }, body: { disabled: name === 'disable' } };
      return shown(await withServer(home, options, (client) => client.call(people.setUserDisabled, input)));
    },
  };
}

/** `symbolon user disable` and `enable`. */
export const disable = disabling('disable', 'keep a user out from now on; open sessions end at once');
export const enable = disabling('enable', 'let a user in again who was disabled');

/** `symbolon user password`. */
export const password: Leaf<ServerOptions & { setup?: boolean; for?: string }> = {
  name: 'password',
  summary: 'change your password, set it with a code, or give another user a new code',
  description:
    'Asks for the old password and the new one, on the terminal or from stdin, a line each. With --setup it asks for the code\n' +
    'instead of the old one. Your other sessions end.',
  examples: [
    'symbolon user password --server https://fred.example:8443',
    'symbolon user password --setup --server https://fred.example:8443',
    'symbolon user password --for ada',
  ],
  options: (command) =>
    serverOptions(command)
      .option('--setup', 'with the code that whoever manages users gave you')
      .option('--for <id>', 'make a new code for a user who lost the password'),
  run: async ({ ui, home }, _, { setup, for: other, ...options }) => {
    if (other !== undefined) {
      const input = { params: { id: other } };
      return told(await withServer(home, options, (client) => client.call(people.renewSetupCode, input)), ui, options);
    }
    if (setup === true) return setUp(home, options);
    await withServer(home, options, async (client) => {
      const old = await askSecret('Old password');
      await client.call(people.changePassword, { body: { old, new: await newPassword() } });
    });
    ui.say(`${ui.talk.green('✔')} Your password is changed; your other sessions have ended.`);
    return { json: { server: serverName(home, options) } };
  },
};

/** `symbolon user passkeys`. */
export const passkeys: Leaf<ServerOptions & { remove?: string }> = {
  name: 'passkeys',
  summary: 'your passkeys; a browser makes them',
  examples: ['symbolon user passkeys', 'symbolon user passkeys --remove AbC…'],
  options: (command) => serverOptions(command).option('--remove <id>', 'remove this one'),
  run: async ({ ui, home }, _, { remove, ...options }) => {
    const left = await withServer(home, options, async (client) => {
      if (remove !== undefined) await client.call(people.removePasskey, { params: { id: remove } });
      return client.call(people.listPasskeys, {});
    });
    if (left.length === 0) {
      ui.say('You have no passkey.');
      return { json: left };
    }
    const rows = left.map(({ id, name, createdAt, usedAt }) => [id, name, createdAt, usedAt ?? 'never']);
    return { json: left, text: table(['id', 'name', 'made', 'last used'], rows) };
  },
};

async function setUp(home: string, options: ServerOptions) {
  const client = connect(home, options);
  try {
    const code = await askSecret('Code');
    const { user } = await client.call(people.setUpPassword, { body: { code, password: await newPassword() } });
    return { json: { user }, text: `The password of ${user} is set. Log in: symbolon login ${user}${at(options)}` };
  } finally {
    await client.close();
  }
}

async function newPassword(): Promise<string> {
  const chosen = await askSecret('New password');
  // Of a pipe, nobody mistypes.
  if (process.stdin.isTTY && (await askSecret('New password again')) !== chosen) {
    throw new UsageError('the two are not the same');
  }
  return chosen;
}

function told(setup: SetupCode, ui: { say(line: string): void }, options: ServerOptions) {
  ui.say(
    `Give ${setup.id} this code in person or by a way that nobody else reads; it works once, until ${setup.expiresAt}.`,
  );
  ui.say(`${setup.id} runs: symbolon user password --setup${at(options)}`);
  return { json: setup, text: setup.code };
}

function shown(user: Account) {
  const rows: [string, string][] = [
    ['id', user.id],
    ['name', user.name],
    ['roles', user.roles.join(', ')],
    ['state', stateOf(user)],
  ];
  return { json: user, text: facts(rows) };
}

function stateOf({ disabled }: Account): string {
  return disabled ? 'disabled' : 'active';
}

function at({ server }: ServerOptions): string {
  return server === undefined ? '' : ` --server ${server}`;
}

function knownRoles(wanted: readonly string[]): Role[] {
  return wanted.map((name) => {
    const role = roles.find((each) => each === name);
    if (role === undefined) throw new UsageError(`there is no role ${name}`, `Roles are: ${roles.join(', ')}.`);
    return role;
  });
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}
