import { fault, SymbolonError } from '@symbolon/crypto';
import { people } from '@symbolon/service';
import type { z } from 'zod';
import type { Leaf } from '../command.ts';
import { readSaved, sessionsFile, writeSaved } from '../saved-sessions.ts';
import { askSecret } from '../secrets.ts';
import { connect, serverName, withServer } from '../server.ts';
import { type ServerOptions, serverOptions } from '../server-options.ts';
import { facts } from '../ui.ts';

/** `symbolon login`: opens a session, and keeps its token. */
export const login: Leaf<ServerOptions> = {
  name: 'login <user>',
  summary: 'log in as a user of a server',
  description:
    "Asks for the password on the terminal, or takes it from stdin. The session's token is kept with your own settings\n" +
    "(0600), not in the organisation's folder. From then on, commands ask that server as this user.",
  examples: ['symbolon login ada --server https://fred.example:8443', 'symbolon login ada --home fred'],
  options: serverOptions,
  run: async ({ ui, home }, [user], options) => {
    const name = serverName(home, options);
    const { devices } = readSaved(name);
    const device = Object.hasOwn(devices, user!) ? { device: devices[user!]! } : {};
    const client = connect(home, options);
    try {
      const password = await askSecret('Password');
      const entered = await client.call(people.logIn, { body: { user: user!, password, ...device } });
      keep(name, entered);
      ui.say(`${ui.talk.green('✔')} You are ${entered.user.name} (${entered.user.roles.join(', ')}) at ${name}.`);
      const { id, roles } = entered.user;
      return { json: { server: name, user: id, roles, expiresAt: entered.session.expiresAt, file: sessionsFile() } };
    } finally {
      await client.close();
    }
  },
};

function keep(server: string, { user, session, token, device }: z.output<typeof people.logIn.answer>): void {
  if (token === undefined) throw fault('frame-shape', `${server} gave no token`, { culprit: server });
  const { devices } = readSaved(server);
  const remembered = device === undefined ? devices : { ...devices, [user.id]: device };
  writeSaved(server, {
    session: { user: user.id, token, expiresAt: session.expiresAt },
    devices: remembered,
  });
}

/** `symbolon logout`: ends the session here, or all of this user. */
export const logout: Leaf<ServerOptions & { everywhere?: boolean }> = {
  name: 'logout',
  summary: 'end the session that `symbolon login` opened',
  examples: ['symbolon logout --server https://fred.example:8443', 'symbolon logout --home fred --everywhere'],
  options: (command) => serverOptions(command).option('--everywhere', 'end all sessions of this user'),
  run: async ({ ui, home }, _, options) => {
    const name = serverName(home, options);
    const { session, devices } = readSaved(name);
    if (session === undefined) {
      ui.say(`Nobody is logged in at ${name}.`);
      return { json: { server: name, ended: 0 } };
    }
    const ended = await withServer(home, options, async (client) => {
      const all = await client.call(people.listSessions, {});
      const { session: own } = await client.call(people.getMe, {});
      const others = options.everywhere === true ? all.filter(({ id }) => id !== own?.id) : [];
      for (const { id } of others) await client.call(people.endSession, { params: { id } });
      await client.call(people.logOut, {});
      return others.length + 1;
    }).catch((error: unknown) => {
      // It was over already.
      if (error instanceof SymbolonError && error.code === 'unauthenticated') return 0;
      throw error;
    });
    writeSaved(name, { devices });
    ui.say(`${session.user} is logged out.`);
    return { json: { server: name, user: session.user, ended } };
  },
};

/** `symbolon whoami`. */
export const whoami: Leaf<ServerOptions> = {
  name: 'whoami',
  summary: 'who you are to a server, and what you may do there',
  examples: ['symbolon whoami', 'symbolon whoami --server https://fred.example:8443 --json'],
  options: serverOptions,
  run: async ({ home }, _, options) => {
    const me = await withServer(home, options, (client) => client.call(people.getMe, {}));
    const rows: [string, string][] = [
      ['user', me.id],
      ['name', me.name],
      ['roles', me.roles.join(', ')],
    ];
    if (me.session !== undefined) rows.push(['session until', me.session.expiresAt]);
    return { json: me, text: facts(rows) };
  },
};
