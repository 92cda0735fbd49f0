import { X509Certificate } from 'node:crypto';
import { existsSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Card } from '@symbolon/agreement';
import { SymbolonError } from '@symbolon/crypto';
import { createKernels } from '@symbolon/kernels';
import {
  apiClient,
  databaseStatus,
  type Home,
  homePaths,
  listPartners,
  localClient,
  openHome,
  peerClient,
} from '@symbolon/service';
import { z } from 'zod';
import type { Leaf } from '../command.ts';
import { bytes } from '../ui.ts';
import { isNotRunning } from './partner.ts';

/** What one check found. `do` says how to mend it. */
interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'fault';
  readonly found: string;
  readonly do?: string;
}

const marks = { ok: '✔', warning: '!', fault: '✘' } as const;
const tints = { ok: 'green', warning: 'yellow', fault: 'red' } as const;

/** `symbolon doctor`. */
export const doctor: Leaf<object> = {
  name: 'doctor',
  summary: 'find out what is wrong with this installation',
  description:
    'Checks Node, the computing kernels, the folder of the organisation and its permissions, certificate and clock, the database, the port,\n' +
    'and whether partners and the key service can be reached. Changes nothing. Exit code 1 if it finds a fault.',
  examples: ['symbolon doctor', 'symbolon doctor --home /srv/symbolon --json'],
  run: async ({ ui, home: path }) => {
    const findings = [node(), kernels()];
    const home = folder(path, findings);
    if (home !== undefined) {
      findings.push(...clock(home), ...(await database(home)), await port(home), ...(await partners(home)));
    }
    const faults = findings.filter(({ state }) => state === 'fault').length;
    const width = Math.max(...findings.map(({ check }) => check.length));
    const lines = findings.flatMap(({ check, state, found, do: hint }) => [
      `${ui.ink[tints[state]](marks[state])} ${check.padEnd(width)}  ${found}`,
      ...(hint === undefined ? [] : [`  ${' '.repeat(width)}  ${ui.ink.dim('do:')} ${hint}`]),
    ]);
    ui.say(faults === 0 ? 'Nothing is wrong.' : `${faults} of ${findings.length} checks found a fault.`);
    return { json: { ok: faults === 0, findings }, text: lines.join('\n'), exitCode: faults === 0 ? 0 : 1 };
  },
};

function node(): Finding {
  return { check: 'node', state: 'ok', found: `Node ${process.versions.node} on ${process.platform} ${process.arch}` };
}

function kernels(): Finding {
  try {
    createKernels();
    return { check: 'kernels', state: 'ok', found: 'the computing kernels load' };
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return { check: 'kernels', state: 'fault', found, do: 'Run: npm run setup' };
  }
}

/** Opening a home checks every file in it, and who may read it. */
function folder(path: string, findings: Finding[]): Home | undefined {
  try {
    const home = openHome(path);
    findings.push({
      check: 'folder',
      state: 'ok',
      found: `${home.path}: ${home.card.id}, ${home.card.role}; keys are private`,
    });
    const recovery = homePaths(home.path).key('recovery');
    if (existsSync(recovery)) {
      const hint = `Move ${recovery} to a safe: whoever holds it can replace all other keys.`;
      findings.push({ check: 'recovery key', state: 'warning', found: 'it lies on this machine', do: hint });
    }
    return home;
  } catch (error) {
    findings.push(failed('folder', error));
    return undefined;
  }
}

function clock(home: Home): Finding[] {
  const now = Date.now();
  const { validFromDate, validToDate } = new X509Certificate(home.tls().certificate);
  const days = Math.floor((validToDate.getTime() - now) / 86_400_000);
  const certificate: Finding =
    days < 0
      ? {
          check: 'certificate',
          state: 'fault',
          found: 'it has expired',
          do: 'Start the server with the organisation key in place: it renews.',
        }
      : { check: 'certificate', state: days < 30 ? 'warning' : 'ok', found: `valid for ${days} more days` };
  // Nothing here can have been made in the future.
  const made = [home.card, ...home.partners.list()].map((card) => Date.parse(card.issued));
  const latest = Math.max(validFromDate.getTime(), ...made);
  const behind = latest > now + 60_000;
  const found = `${new Date(now).toISOString().slice(0, 19)}Z${behind ? `, but a card was issued ${new Date(latest).toISOString()}` : ''}`;
  const time: Finding = { check: 'clock', state: behind ? 'fault' : 'ok', found };
  return [certificate, behind ? { ...time, do: 'Set the clock (UTC), best by NTP.' } : time];
}

/** Which database it is, and whether there is room for what it has to keep. */
async function database(home: Home): Promise<Finding[]> {
  const { bavail, bsize } = statfsSync(home.path);
  const free = bavail * bsize;
  const room = `${bytes(free)} free`;
  const hint = 'Free some space: nothing runs that cannot be recorded.';
  const disk: Finding =
    free >= 1e9
      ? { check: 'disk', state: 'ok', found: room }
      : { check: 'disk', state: 'warning', found: room, do: hint };
  try {
    const { words, bytes: used } = await databaseStatus(home);
    const size = used === 0 ? '' : `; ${bytes(used)}`;
    return [{ check: 'database', state: 'ok', found: `${words}${size}` }, disk];
  } catch (error) {
    return [failed('database', error), disk];
  }
}

/** Either the own server runs there, or the port is free. */
async function port(home: Home): Promise<Finding> {
  const { listen, role } = home.config;
  const where = `${listen.host}:${listen.port}`;
  const serve = `symbolon serve ${role === 'party' ? 'party' : 'keys'} --home ${home.path}`;
  const client = apiClient(localClient(home));
  try {
    await client.call(listPartners, { query: { limit: 1 }, signal: AbortSignal.timeout(5000) });
    return { check: 'server', state: 'ok', found: `runs on ${where}` };
  } catch (error) {
    if (!isNotRunning(error)) return failed('server', error);
  } finally {
    await client.close();
  }
  if (home.card.outbound === true)
    return { check: 'server', state: 'warning', found: 'does not run', do: `Start it: ${serve}` };
  const problem = await new Promise<string | undefined>((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    probe.listen(listen.port, listen.host, () => probe.close(() => resolve(undefined)));
  });
  if (problem === undefined)
    return { check: 'server', state: 'warning', found: `does not run; ${where} is free`, do: `Start it: ${serve}` };
  const hint = 'Stop what uses this port, or set another in symbolon.json.';
  return { check: 'server', state: 'fault', found: `does not run, and ${where} cannot be used (${problem})`, do: hint };
}

async function partners(home: Home): Promise<Finding[]> {
  const cards = home.partners.list();
  if (cards.length === 0) {
    const hint = 'Exchange cards: symbolon partner invite, symbolon partner accept.';
    return [{ check: 'partners', state: 'warning', found: 'there are none', do: hint }];
  }
  return Promise.all(cards.map((card) => reach(home, card)));
}

const status = z.object({ time: z.iso.datetime() });
const mostSkewMilliseconds = 120_000;

async function reach(home: Home, card: Card): Promise<Finding> {
  const check = card.role === 'keyservice' ? `key service ${card.id}` : `partner ${card.id}`;
  if (card.outbound === true) return { check, state: 'ok', found: 'opens every connection itself; nobody calls it' };
  const client = peerClient({ home, partner: card });
  try {
    const { time } = await client.call('GET', '/v1/status', { answer: status, timeoutMilliseconds: 5000 });
    const skew = Date.parse(time) - Date.now();
    const found = `answers at ${card.address}, and knows this organisation`;
    if (Math.abs(skew) <= mostSkewMilliseconds) return { check, state: 'ok', found };
    const off = `its clock is ${Math.round(Math.abs(skew) / 1000)} s ${skew > 0 ? 'ahead of' : 'behind'} this one`;
    return { check, state: 'warning', found: `${found}; ${off}`, do: 'Set both clocks by NTP.' };
  } catch (error) {
    // An older server, or one that does not tell the time: it has answered all the same.
    if (error instanceof SymbolonError && error.code === 'not-found') {
      return { check, state: 'ok', found: `answers at ${card.address}, and knows this organisation` };
    }
    return failed(check, error);
  } finally {
    await client.close();
  }
}

function failed(check: string, error: unknown): Finding {
  if (error instanceof SymbolonError) return { check, state: 'fault', found: error.message, do: error.hint };
  return { check, state: 'fault', found: error instanceof Error ? error.message : String(error) };
}
