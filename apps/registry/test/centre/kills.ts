import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Card, Operation, SessionOutcome } from '@symbolon/consent';
import { signAnswer } from '@symbolon/consent';
import { hex, type Rng, SymbolonError } from '@symbolon/crypto';
import { cardPrivateKey, softwareCard } from '@symbolon/testkit/smartcards';
import type { Client, Network } from './network.ts';

/** A server's process that is killed (SIGKILL) at random moments and started again, with clients that try until they know what came of a visit. */
export class KilledServer {
  readonly #network: Network;
  readonly #rng: Rng;
  #child: ChildProcess;
  /** What will run next; loading its code takes longer than all else. */
  #standby: ChildProcess;
  #again: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  kills = 0;
  /** Of each K that was accepted, the session. */
  readonly used = new Map<string, string>();

  private constructor(network: Network, rng: Rng, child: ChildProcess) {
    this.#network = network;
    this.#rng = rng;
    this.#child = child;
    this.#standby = network.standby();
  }

  static async start(network: Network, rng: Rng): Promise<KilledServer> {
    return new KilledServer(network, rng, await network.spawn());
  }

  /** From now on, until the answer is here, the process is killed once, after some milliseconds. */
  async visit(client: Client, patient: string, operation: Operation, card: Card): Promise<SessionOutcome> {
    const network = this.#network;
    const { physician } = client;
    // The visit before may have ended while the server was being started again.
    await this.#again;
    this.#light();
    const ticket = network.ticket(patient, physician, operation);
    const challenge = await this.#until(() => client.open(ticket));
    const draft = await network.draft(patient, physician, { operation, card }, challenge);
    const outcome = await this.#until(async () => {
      // For the connection that there is now: the one before may be gone.
      return client.finish(await signAnswer(draft, physician.card, await client.exporter()));
    });
    clearTimeout(this.#timer);
    if (challenge.envelopes.length > 0) {
      const secret = await network.secretIn(patient, physician, card, challenge);
      const before = this.used.get(secret);
      if (before !== undefined && before !== hex(challenge.session)) throw new Error('a pair was used twice');
      this.used.set(secret, hex(challenge.session));
    }
    return outcome;
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#again;
    await Promise.all([this.#child, this.#standby].map(killed));
  }

  #light(): void {
    clearTimeout(this.#timer);
    const [a, b] = this.#rng(2);
    this.#timer = setTimeout(() => this.#kill(), ((a! * 256 + b!) / 65_536) * 60);
  }

  #kill(): void {
    this.#again = (async () => {
      await killed(this.#child);
      this.kills++;
      this.#child = await this.#network.wake(this.#standby);
      this.#standby = this.#network.standby();
    })();
  }

  /** Asks again when the server is there again; what it refuses is an error. */
  async #until<Result>(ask: () => Promise<Result>): Promise<Result> {
    for (;;) {
      await this.#again;
      try {
        return await ask();
      } catch (error) {
        const isGone = error instanceof SymbolonError && ['peer-gone', 'peer-silent'].includes(error.code);
        if (!isGone) throw error;
        await sleep(5);
      }
    }
  }
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

/**
 * Visits of one patient at three physicians, the process killed at a random moment of each, until it was killed so often. Throws where somebody is locked out or
 * a pair is used twice. @param told after each visit, of how many kills there were @returns how many visits there were,
 * the enrolment among them
 */
export async function survive(
  network: Network,
  rng: Rng,
  kills: number,
  told: (kills: number) => void = () => undefined,
): Promise<number> {
  const server = await KilledServer.start(network, rng);
  try {
    const clients = [];
    for (const name of ['first', 'second', 'third']) clients.push(await network.client(name));
    for (const client of clients) await client.logIn();
    const card = softwareCard(cardPrivateKey('P-256'));
    await server.visit(clients[0]!, 'anna', 'enrol', card);
    let visits = 1;
    for (; server.kills < kills; visits++) {
      const { grant } = await server.visit(clients[visits % 3]!, 'anna', 'reidentify', card);
      if (grant?.kind !== 'consent') throw new Error('the patient’s card did not open the records');
      told(server.kills);
    }
    if (server.used.size !== visits - 1) throw new Error('a visit without a pair of its own');
    return visits;
  } finally {
    await server.close();
  }
}
