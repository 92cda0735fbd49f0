import { moduleApi as api } from '@symbolon/registry';
import type { Leaf } from '../command.ts';
import { withServer } from '../server.ts';
import { facts, number, table, type Ui, UsageError } from '../ui.ts';

const running = "The module's server has to run.";

/** Says which notices another server of the registry has not taken, and why. */
export function sayNotTaken(
  ui: Ui,
  notices: readonly { readonly subject: string | null; readonly tries: number; readonly error: string | null }[],
): void {
  for (const { subject, tries, error } of notices) {
    if (error !== null) ui.say(`! ${subject ?? 'A notice'} was not taken (${number(tries)} times): ${error}.`);
  }
}

/** `symbolon registry status`. */
export const status: Leaf<object> = {
  name: 'status',
  summary: 'what a module knows, its keys, and what the central server has not taken yet',
  description: `Says how many patients and physicians a module knows, and what waits. ${running}`,
  examples: ['symbolon registry status --home ./module'],
  served: true,
  run: async ({ ui, at }) => {
    const found = await withServer(at.home, at, (client) => client.call(api.getRegistryModule, {}));
    const { counts, notices, pseudonymKey } = found;
    sayNotTaken(ui, notices);
    const { next, current } = pseudonymKey;
    const physicians = Object.entries(counts.physicians).map(([state, count]) => `${number(count)} ${state}`);
    const text = facts([
      ['module', `${found.id} at ${found.address}`],
      ['central server', found.centre],
      ['patients', number(counts.patients)],
      ['relations', number(counts.relations)],
      ['physicians', physicians.join(', ')],
      ['to review', number(counts.duplicates)],
      ['alarms', number(counts.alarms)],
      ['notices that wait', number(notices.length)],
      ['key of pseudonyms', next === null ? current : `${current}, changing to ${next}`],
      ['key of tickets', found.ticketKey],
    ]);
    return { json: found, text };
  },
};

/** `symbolon registry alarms`. */
export const alarms: Leaf<{ all?: boolean }> = {
  name: 'alarms',
  summary: 'what administrators of a module should look at, the newest first',
  description: `Lists alarms of the module and those that the central server told: the newest 100. ${running}`,
  examples: ['symbolon registry alarms', 'symbolon registry alarms --all --json'],
  served: true,
  options: (command) => command.option('--all', 'those that were seen too'),
  run: async ({ ui, at }, _, { all = false }) => {
    const { items } = await withServer(at.home, at, (client) =>
      client.call(api.listRegistryAlarms, { query: { all: String(all) } }),
    );
    if (items.length === 0) ui.say('No alarms.');
    const rows = items.map((one) => [
      ...[String(one.id), one.raisedAt.slice(0, 16), one.alarm, one.patient === null ? '–' : String(one.patient)],
      ...[one.physician ?? '–', one.installation ?? '–', one.tellPatient ? `${one.text}; tell the patient` : one.text],
    ]);
    const head = ['number', 'at', 'alarm', 'patient', 'physician', 'installation', 'what'];
    return { json: items, text: items.length === 0 ? '' : table(head, rows) };
  },
};

/** `symbolon registry seen`. */
export const seen: Leaf<{ note: string }> = {
  name: 'seen <alarm>',
  summary: 'say that you have looked at an alarm, and what was done',
  examples: ['symbolon registry seen 12 --note "The patient was told by letter."'],
  served: true,
  options: (command) => command.requiredOption('--note <text>', 'what was done: whether the patient was told, too'),
  run: async ({ at }, [alarm], { note }) => {
    const input = { params: { alarm: wholeNumber(alarm!) }, body: { note } };
    await withServer(at.home, at, (client) => client.call(api.seeRegistryAlarm, input));
    return { json: { alarm: input.params.alarm, note } };
  },
};

const addInstitution: Leaf<{ name?: string }> = {
  name: 'add <id>',
  summary: 'name an institution for which physicians work',
  examples: ['symbolon registry institution add northern --name "Northern Hospital"'],
  served: true,
  options: (command) => command.option('--name <name>', 'as others shall read it; the id if absent'),
  run: async ({ at }, [id], { name = id! }) => {
    const body = { id: id!, name };
    await withServer(at.home, at, (client) => client.call(api.setInstitution, { body }));
    return { json: body };
  },
};

const listInstitutions: Leaf<object> = {
  name: 'list',
  summary: 'institutions for which physicians work',
  examples: ['symbolon registry institution list'],
  served: true,
  run: async ({ at }) => {
    const found = await withServer(at.home, at, (client) => client.call(api.listInstitutions, {}));
    return {
      json: found,
      text: table(
        ['id', 'name'],
        found.map(({ id, name }) => [id, name]),
      ),
    };
  },
};

const addInstallation: Leaf<{ institution: string }> = {
  name: 'add <id>',
  summary: "say for whom an installation of the physicians' client works; the central server is told",
  description:
    "Take the installation's card first: symbolon partner accept. Again, with another institution, it moves there.",
  examples: ['symbolon registry installation add ward-3 --institution northern'],
  served: true,
  options: (command) => command.requiredOption('--institution <id>', 'for whom physicians work there'),
  run: async ({ at }, [id], { institution }) => {
    const input = { params: { installation: id! }, body: { institution } };
    await withServer(at.home, at, (client) => client.call(api.setInstallation, input));
    return { json: { id, institution } };
  },
};

const listInstallations: Leaf<object> = {
  name: 'list',
  summary: "installations of the physicians' client, and for whom they work",
  examples: ['symbolon registry installation list'],
  served: true,
  run: async ({ at }) => {
    const found = await withServer(at.home, at, (client) => client.call(api.listInstallations, {}));
    const rows = found.map(({ id, institution, addedAt }) => [id, institution, addedAt.slice(0, 10)]);
    return { json: found, text: table(['id', 'institution', 'since'], rows) };
  },
};

const removeInstallation: Leaf<object> = {
  name: 'remove <id>',
  summary: 'an installation works for nobody any more; who is logged in there is logged out',
  examples: ['symbolon registry installation remove ward-3'],
  served: true,
  run: async ({ at }, [id]) => {
    await withServer(at.home, at, (client) => client.call(api.removeInstallation, { params: { installation: id! } }));
    return { json: { id } };
  },
};

/** `symbolon registry institution` and `symbolon registry installation`. */
export const institution = [addInstitution, listInstitutions] as Leaf<object>[];
export const installation = [addInstallation, listInstallations, removeInstallation] as Leaf<object>[];

/** `symbolon registry ticket-key`. */
export const ticketKey: Leaf<object> = {
  name: 'ticket-key <name>',
  summary: 'make another key for tickets, or print one that there is',
  description:
    'Prints the public key. The administrators of the central server add it to ticketKeys of this module in their settings; then name it as ticketKey in ' +
    'the settings of this one, and start the module again.',
  examples: ['symbolon registry ticket-key 2027'],
  served: true,
  run: async ({ at }, [name]) => {
    const made = await withServer(at.home, at, (client) => client.call(api.makeTicketKey, { body: { name: name! } }));
    return { json: made, text: made.publicKey };
  },
};

/** `symbolon registry pseudonym-key`. */
export const pseudonymKey: Leaf<object> = {
  name: 'pseudonym-key <name>',
  summary: 'give all patients new pseudonyms, with a key that was never used',
  description:
    'Begins a change of the key of pseudonyms: the central server is told old and new ones, without identities, and knows patients by both until it has ' +
    'all. Keys are called oprf-NAME (the OPRF server has to list NAME) or salted-NAME. See how far it is: symbolon registry status.',
  examples: ['symbolon registry pseudonym-key oprf-2'],
  served: true,
  run: async ({ at }, [name]) => {
    await withServer(at.home, at, (client) => client.call(api.changePseudonymKey, { body: { name: name! } }));
    return { json: { name } };
  },
};

/** `symbolon registry tell-again`. */
export const tellAgain: Leaf<object> = {
  name: 'tell-again <since>',
  summary: 'tell a central server that was put back to an older state what it does not know any more',
  description:
    'Tells the central server again which physicians may log in and for whom installations work, and the merges and splits since the moment of its ' +
    'backup (RFC 3339). Do it before physicians log in there.',
  examples: ['symbolon registry tell-again 2027-03-01T02:00:00Z'],
  served: true,
  run: async ({ at }, [since]) => {
    const body = { since: since! };
    await withServer(at.home, at, (client) => client.call(api.tellCentreAgain, { body }));
    return { json: body };
  },
};

/** Reads a number that is an argument. */
export function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new UsageError(`'${text}' is not a number`, 'Lists show numbers in their first column.');
}
