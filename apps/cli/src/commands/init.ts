import { organisationRoles } from '@symbolon/agreement';
import { fingerprint, fromBase64url } from '@symbolon/crypto';
import { createHome, homePaths, type NewHome } from '@symbolon/service';
import { type Context, defaultHome, type Leaf } from '../command.ts';
import { facts, type Outcome, UsageError } from '../ui.ts';

interface Options {
  name?: string;
  role: string;
  host: string;
  port: string;
  peoplePort?: string;
  outbound?: true;
}

/** `symbolon init`: an organisation's folder. */
export const init: Leaf<Options> = {
  name: 'init <id>',
  summary: 'make the folder of an organisation: keys, certificate, card, configuration',
  description:
    'Makes the folder of an organisation: its keys, its certificate, its card for partners, and its configuration.\n' +
    'ID is its short name in agreements and logs, like general-hospital.',
  examples: [
    'symbolon init fred --name "Fred\'s Health Insurance" --host symbolon.fred.example --port 7443',
    'symbolon init keys --name "Neutral Key Service" --role keyservice --host keys.example --home ./keys',
  ],
  options: (command) =>
    command
      .option('--name <name>', 'name for people; the id if absent')
      .option(
        '--role <role>',
        'party (holds data), keyservice (hands out one-time keys) or compute (computes on encrypted tables)',
        'party',
      )
      .option('--host <host>', 'name or address under which partners reach this server', 'localhost')
      .option('--port <port>', 'TCP port; 0 picks a free one', '0')
      .option('--outbound', 'no partner can reach this machine: it opens every connection itself')
      .option(
        '--people-port <port>',
        'TCP port on this machine for people and their programs (docs/api.md); none if absent',
      ),
  run: ({ ui, home }, [id], { name, role, host, port, peoplePort, outbound }) => {
    const known = organisationRoles.find((one) => one === role);
    if (known === undefined) throw new UsageError(`--role is ${organisationRoles.join(', ')}, not ${role}`);
    if (!/^[a-z][a-z0-9-]{0,30}$/.test(id!)) {
      throw new UsageError(
        `'${id}' cannot be the id of an organisation`,
        'Use lower-case letters, digits and -, beginning with a letter, at most 31 characters; --name may be anything.',
      );
    }
    if (outbound === true && known !== 'party' && known !== 'workstation')
      throw new UsageError('such a server has to be reached');
    const settings =
      peoplePort === undefined ? {} : { settings: { people: { port: portOf('--people-port', peoplePort, 1) } } };
    return makeHome(
      { ui, home },
      {
        id: id!,
        name: name ?? id!,
        role: known,
        host,
        port: portOf('--port', port),
        outbound: outbound === true || known === 'workstation',
        ...settings,
      },
    );
  },
};

async function makeHome(
  { ui, home }: Pick<Context, 'ui' | 'home'>,
  params: Pick<NewHome, 'id' | 'name' | 'role' | 'host' | 'port' | 'outbound' | 'settings'>,
): Promise<Outcome> {
  const made = await createHome({ path: home, ...params, now: () => new Date() });
  const { card, path } = made;
  const print = fingerprint(fromBase64url(card.organisationKey));
  const at = home === defaultHome ? '' : ` --home ${home}`;
  ui.say(`${ui.talk.green('✔')} ${card.name} is set up.`);
  return {
    json: { id: card.id, name: card.name, role: card.role, home: path, address: card.address, fingerprint: print },
    text: facts([
      ['id', card.id],
      ['role', card.role],
      ['folder', path],
      ['address', card.outbound === true ? 'none: it opens every connection itself' : card.address],
      ['fingerprint', print],
    ]),
    afterwards: () => {
      ui.note(`Next: symbolon partner invite${at}`);
      ui.note(`Keep ${homePaths(path).key('recovery')} in a safe, away from this machine.`);
    },
  };
}

/** A port number as it was typed. */
function portOf(option: string, text: string, least = 0): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= least && port <= 65_535) return port;
  throw new UsageError(`${option} is a number from ${least} to 65535, not ${text}`);
}
