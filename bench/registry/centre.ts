import { readFileSync } from 'node:fs';
import {
  type Answer,
  type Challenge,
  challengeAnswer,
  challengeIn,
  sessionOutcome,
  signAnswer,
} from '@symbolon/consent';
import { base64url } from '@symbolon/crypto';
import { cardPrivateKey, softwareCard } from '@symbolon/testkit/smartcards';
import { type Client, Network, wire } from '../../apps/registry/test/centre/network.ts';
import { type Row, row, rowAtLeast } from '../row.ts';

const patients = 600;
const physicians = 8;
const perSecond = 200;

/**
 * Re-identifications at a central server in a process of its own, over mutual TLS, from eight installations of the client at once. Cards are simulated, and what
 * clients do (open an envelope, make four pairs, sign) is done between the two messages and not counted; nor is what the module does for the tickets.
 */
export async function run(): Promise<Row[]> {
  const settings = { maxRequestsPerMinute: 100_000, maxLoginsPerMinute: 1000 };
  const network = await Network.make({ settings });
  const server = await network.spawn();
  try {
    const clients = [];
    for (let i = 0; i < physicians; i++) clients.push(await network.client(`physician${i}`));
    for (const client of clients) await client.logIn();
    await enrolAll(clients[0]!);
    const rows = [];
    for (const round of ['warm', 'measured']) {
      const { cpu, wall } = await reidentifyAll(network, clients.slice(1), server.pid!, round);
      if (round === 'warm') continue;
      rows.push(
        rowAtLeast(
          'registry',
          're-identifications, a second of the central server’s core',
          patients,
          patients / cpu,
          '/s',
          perSecond,
        ),
        row(
          'registry',
          're-identifications, a second by the clock, clients on the same machine',
          patients,
          patients / wall,
          '/s',
        ),
      );
    }
    return rows;
  } finally {
    server.kill('SIGKILL');
    await network.close();
  }
}

const card = softwareCard(cardPrivateKey('P-256'));

async function enrolAll(client: Client): Promise<void> {
  for (let i = 0; i < patients; i++) await client.visit(`patient ${i}`, 'enrol', card);
}

/** Both messages of each, one after the other at each client, all clients at once. */
async function reidentifyAll(network: Network, clients: readonly Client[], pid: number, round: string) {
  const visits = Array.from({ length: patients }, (_, i) => {
    const client = clients[(i + (round === 'warm' ? 0 : 1)) % clients.length]!;
    const patient = `patient ${i}`;
    return { client, patient, ticket: base64url(network.ticket(patient, client.physician, 'reidentify')) };
  });
  const challenges = new Map<string, Challenge>();
  const opened = await measured(pid, clients, async (client) => {
    for (const { patient, ticket } of visits.filter((visit) => visit.client === client)) {
      challenges.set(patient, challengeIn(await client.call('POST', '/v1/sessions', challengeAnswer, { ticket })));
    }
  });
  const answers = new Map<string, Answer>();
  for (const { client, patient } of visits) {
    const draft = await network.draft(
      patient,
      client.physician,
      { operation: 'reidentify', card },
      challenges.get(patient)!,
    );
    answers.set(patient, await signAnswer(draft, client.physician.card, await client.exporter()));
  }
  const answered = await measured(pid, clients, async (client) => {
    for (const { patient } of visits.filter((visit) => visit.client === client)) {
      const answer = answers.get(patient)!;
      const path = `/v1/sessions/${base64url(answer.session)}/answer`;
      const { grant } = await client.call('POST', path, sessionOutcome, wire(answer));
      if (grant?.kind !== 'consent') throw new Error('a re-identification was refused');
    }
  });
  return { cpu: opened.cpu + answered.cpu, wall: opened.wall + answered.wall };
}

/** Seconds by the clock, and of the server's processor time. */
async function measured(pid: number, clients: readonly Client[], work: (client: Client) => Promise<void>) {
  const [before, start] = [cpuSeconds(pid), performance.now()];
  await Promise.all(clients.map(work));
  return { wall: (performance.now() - start) / 1000, cpu: cpuSeconds(pid) - before };
}

/** All threads, user and system; proc(5). */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
