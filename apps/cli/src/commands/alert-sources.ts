import { alertSources as api } from '@symbolon/party';
import type { ApiClient } from '@symbolon/service';
import type { Leaf } from '../command.ts';
import { withServer } from '../server.ts';
import { facts, number, table } from '../ui.ts';

const running = 'The server of the folder has to run: only it knows what comes.';

/** `symbolon alerts sources`. */
export const sources: Leaf<object> = {
  name: 'sources',
  summary: 'where medical events come from, and what became of them since the server began',
  description: `Lists the sources of settings.alerts.sources in symbolon.json. ${running}`,
  examples: ['symbolon alerts sources', 'symbolon alerts sources --json'],
  served: true,
  run: async ({ ui, at }) => {
    const { sources: all } = await withServer(at.home, at, (client) => client.call(api.listAlertSources, {}));
    if (all.length === 0)
      ui.say('No source is set up: see settings.alerts.sources in symbolon.json, and docs/alert-sources.md.');
    const rows = all.map(({ name, kind, at: where, events }) => [name, kind, where ?? 'not ready', outcomes(events)]);
    return { json: all, text: all.length === 0 ? '' : table(['source', 'kind', 'at', 'events'], rows) };
  },
};

function outcomes(events: Readonly<Record<string, number>>): string {
  const parts = Object.entries(events).map(([outcome, count]) => `${number(count)} ${outcome}`);
  return parts.length === 0 ? 'none yet' : parts.join(', ');
}

/** `symbolon alerts status`. */
export const status: Leaf<object> = {
  name: 'status',
  summary: 'which alerts this organisation tells, of how many patients, and what waits',
  description: `Says which alerts are told, and why others are not. ${running}`,
  examples: ['symbolon alerts status', 'symbolon alerts status --json'],
  served: true,
  run: async ({ ui, at }) => {
    const found = await withServer(at.home, at, (client) => client.call(api.getAlertStatus, {}));
    const { alerts, waiting, quarantine, warnings } = found;
    for (const warning of warnings) ui.say(`! ${warning}.`);
    for (const { title, alert, silent } of alerts) if (silent !== null) ui.say(`! '${alert}' of "${title}": ${silent}`);
    if (alerts.length === 0) ui.say('No agreement lets this organisation tell alerts.');
    const rows = alerts.map(({ title, alert, to, patients, until }) => [
      ...[title, alert, to, patients === null ? '–' : number(patients), until?.slice(0, 10) ?? '–'],
    ]);
    const waits = facts([
      ['waiting for partners', number(waiting)],
      ['in quarantine', number(quarantine)],
    ]);
    const told = alerts.length === 0 ? '' : `${table(['agreement', 'alert', 'to', 'patients', 'until'], rows)}\n\n`;
    return { json: found, text: `${told}${waits}` };
  },
};

/** `symbolon alerts token`. */
export const token: Leaf<object> = {
  name: 'token <source>',
  summary: 'make the token with which a source tells events over HTTP; it is printed once',
  description: `Prints a token; only its hash is kept, and the one before is none any more. ${running}`,
  examples: ['symbolon alerts token ehr'],
  served: true,
  run: async ({ at }, [source]) => {
    const made = await withServer(at.home, at, (client) =>
      client.call(api.makeAlertToken, { params: { source: source! } }),
    );
    return { json: made, text: made.token };
  },
};

/** `symbolon alerts quarantine list`. */
const listQuarantine: Leaf<{ all?: boolean }> = {
  name: 'list',
  summary: 'what sources sent and nobody could read, the newest first',
  description: `Lists the newest 100 entries. ${running}`,
  examples: ['symbolon alerts quarantine list', 'symbolon alerts quarantine list --all --json'],
  served: true,
  options: (command) => command.option('--all', 'those too that were read later or discarded'),
  run: async ({ ui, at }, _, { all }) => {
    const query = { all: all === true ? ('true' as const) : ('false' as const) };
    const { items, next } = await withServer(at.home, at, (client) => client.call(api.listQuarantine, { query }));
    if (items.length === 0) ui.say('The quarantine is empty.');
    if (next !== null) ui.note('These are the newest 100; there are more.');
    const rows = items.map(({ id, source, receivedAt, state, reason }) => [
      ...[String(id), source, receivedAt.slice(0, 16).replace('T', ' '), state, reason],
    ]);
    return {
      json: items,
      text: items.length === 0 ? '' : table(['entry', 'source', 'came (UTC)', 'state', 'reason'], rows),
    };
  },
};

/** `symbolon alerts quarantine show`. */
const showQuarantined: Leaf<object> = {
  name: 'show <entry>',
  summary: 'an entry with what the source sent, which may name patients',
  description: `Prints what the source sent. ${running}`,
  examples: ['symbolon alerts quarantine show 3'],
  served: true,
  run: async ({ at }, [entry]) => {
    const params = { entry: Number(entry) };
    const found = await withServer(at.home, at, (client) => client.call(api.getQuarantined, { params }));
    const content = found.content === null ? 'gone' : Buffer.from(found.content, 'base64').toString();
    return { json: found, text: `${facts(said(found))}\n\n${printable(content)}` };
  },
};

function ending(name: 'retry' | 'discard', summary: string, contract: typeof api.retryQuarantined): Leaf<object> {
  return {
    name: `${name} <entries...>`,
    summary,
    description: `${summary[0]!.toUpperCase()}${summary.slice(1)}. ${running}`,
    examples: [`symbolon alerts quarantine ${name} 3`],
    served: true,
    run: async ({ ui, at }, entries) => {
      const ended = await withServer(at.home, at, (client) => endAll(client, contract, entries));
      ui.say(
        `${number(ended.length)} ${ended.length === 1 ? 'entry' : 'entries'} ${name === 'retry' ? 'read' : 'discarded'}.`,
      );
      return { json: ended };
    },
  };
}

/** `symbolon alerts quarantine retry`. */
const retryQuarantined = ending('retry', 'try to read entries again, and take their events in', api.retryQuarantined);

/** `symbolon alerts quarantine discard`. */
const discardQuarantined = ending('discard', 'delete what entries hold', api.discardQuarantined);

/** What is below `symbolon alerts quarantine`. */
export const quarantine = [listQuarantine, showQuarantined, retryQuarantined, discardQuarantined];

async function endAll(client: ApiClient, contract: typeof api.retryQuarantined, entries: readonly string[]) {
  const ended = [];
  for (const entry of entries) ended.push(await client.call(contract, { params: { entry: Number(entry) } }));
  return ended;
}

function said({ id, source, code, reason, receivedAt, state }: QuarantineEntry): [string, string][] {
  return [
    ['entry', String(id)],
    ['source', source],
    ['came', receivedAt],
    ['state', state],
    ['reason', `${code}: ${reason}`],
  ];
}

interface QuarantineEntry {
  readonly id: number;
  readonly source: string;
  readonly code: string;
  readonly reason: string;
  readonly receivedAt: string;
  readonly state: string;
}

/** What somebody else wrote, on a terminal: nothing in it may steer that. HL7 ends its lines with carriage returns. */
function printable(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/[^\P{C}\n\t]/gu, ' ');
}
