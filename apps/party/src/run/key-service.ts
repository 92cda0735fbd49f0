import { base64url, equalBytes, fault, fromBase64url, SymbolonError } from '@symbolon/crypto';
import type { AnswerKey } from '@symbolon/engine';
import {
  type Client,
  type KeyserviceClient,
  keyserviceClient,
  type OpenAnswer,
  type OpenRequest,
  peerClient,
  programCost,
  programHash,
  programPads,
  seenCheckpoint,
  sessionId,
  showLog,
  witnessAnswer,
} from '@symbolon/service';
import type { PartyContext } from '../context.ts';
import { ByteReader } from './byte-reader.ts';
import type { KeyRequest, OpenSession, SessionKeys, SessionSecrets } from './keys.ts';

// A key service waits up to ten minutes for the other parties; whoever hangs up first decides.
const patienceMilliseconds = 630_000;
const maxTries = 3;

// The answer key of about two stages, so that the key service deals one while the parties evaluate another.
const aheadBytes = 64 << 20;

/** The key service of an agreement, over mutual TLS. Runs at: all parties. It is sent numbers, shapes and hashes: no data, masked or not. */
export function keyService(server: PartyContext): OpenSession {
  const { home } = server;
  return async (request) => {
    const { grant } = request;
    const partner = home.partners.get(grant.keyService);
    const client = peerClient({ home, partner });
    const service = keyserviceClient(client);
    let answer: OpenAnswer | undefined;
    try {
      const opened = await open(server, service, request);
      const { body } = opened;
      answer = opened.answer;
      const session = checkedSession(answer, body, grant.index, partner.id);
      await witnessAnswer(server, partner, { client, asked: body.seen, shown: answer.log });
      return new Keys({ request, client, service, answer, session });
    } catch (error) {
      for (const seed of answer?.seeds ?? []) seed.fill(0);
      await client.close();
      throw error;
    }
  };
}

/** Asks for the session; again, if another exchange showed the key service more of the own log in between. */
async function open(
  { home, database, log, rng }: PartyContext,
  service: KeyserviceClient,
  request: KeyRequest,
): Promise<{ body: OpenRequest; answer: OpenAnswer }> {
  const partner = home.partners.get(request.grant.keyService);
  for (let tries = 1; ; tries++) {
    const held = await service.seenCheckpoint();
    const { note, from, proof } = showLog({ home, log }, held, partner.id);
    const body: OpenRequest = {
      ...terms(request),
      nonce: base64url(rng(32)),
      checkpoint: note,
      consistency: { from, proof: proof.map(base64url) },
      seen: await seenCheckpoint(database, partner),
    };
    try {
      return { body, answer: await service.open(body, patienceMilliseconds, request.signal) };
    } catch (error) {
      // To a key service that was shown more meanwhile, what was sent looks like a log that was put back.
      const race = error instanceof SymbolonError && ['conflict', 'log-inconsistent'].includes(error.code);
      if (!race || tries === maxTries || (await service.seenCheckpoint()) === held) throw error;
    }
  }
}

/** What all parties ask for in the same words. */
function terms({
  grant,
  program,
  attempt,
}: KeyRequest): Omit<OpenRequest, 'nonce' | 'checkpoint' | 'consistency' | 'seen'> {
  const parties = grant.parties.map(({ id, organisationKey, signingKey }) => ({ id, organisationKey, signingKey }));
  return {
    agreement: grant.hash,
    program,
    programHash: base64url(programHash(program)),
    parties,
    attempt: base64url(attempt),
    pads: grant.pads,
  };
}

/** PROTOCOLS §1: the session's id is the hash of all nonces and the rest, checked by the parties; the own nonce makes it fresh. */
function checkedSession(answer: OpenAnswer, asked: OpenRequest, index: number, who: string): Uint8Array {
  const { nonces, session } = answer;
  const own = nonces.length === asked.parties.length && nonces[index] === asked.nonce;
  const expected = sessionId({ ...asked, nonces });
  if (!own || !equalBytes(expected, fromBase64url(session))) {
    throw fault('hash-mismatch', `the session of ${who} is not the hash of what was asked`, { culprit: who });
  }
  return expected;
}

class Keys implements SessionKeys {
  readonly session: Uint8Array;
  readonly #request: KeyRequest;
  readonly #client: Client;
  readonly #service: KeyserviceClient;
  readonly #seeds: readonly Uint8Array[];
  readonly #readers: ByteReader[] = [];
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  #finished = false;

  constructor(params: {
    request: KeyRequest;
    client: Client;
    service: KeyserviceClient;
    answer: OpenAnswer;
    session: Uint8Array;
  }) {
    const { request, client, service, answer, session } = params;
    this.session = session;
    this.#request = request;
    this.#client = client;
    this.#service = service;
    this.#signal = AbortSignal.any([request.signal, this.#stop.signal]);
    this.#seeds = answer.seeds;
  }

  async secrets(): Promise<SessionSecrets> {
    const pads = this.#request.grant.pads === 'full' ? await this.#fullPads() : undefined;
    return { seeds: this.#seeds.map((seed) => new Uint8Array(seed)), pads };
  }

  answerKey(dataHash: Uint8Array, signatures: readonly Uint8Array[], bytes: number): AnswerKey {
    const { grant } = this.#request;
    const body = {
      dataHash: base64url(dataHash),
      signatures: Object.fromEntries(grant.parties.map(({ id }, party) => [id, base64url(signatures[party]!)])),
    };
    const stream = this.#service.answer(base64url(this.session), body, bytes, this.#signal);
    return this.#keep(new ByteReader(stream, grant.keyService, aheadBytes));
  }

  end(completed: boolean): void {
    if (this.#finished) return;
    this.#finished = true;
    for (const seed of this.#seeds) seed.fill(0);
    this.#stop.abort();
    for (const reader of this.#readers) reader.drop();
    // A courtesy that nothing waits for: the key service wipes its secrets by itself when time is over.
    const told = completed ? Promise.resolve() : this.#service.abort(base64url(this.session));
    void told.catch(() => undefined).then(() => this.#client.close().catch(() => undefined));
  }

  #keep(reader: ByteReader): ByteReader {
    this.#readers.push(reader);
    return reader;
  }

  /** Full-length pads of the own inputs, by node. */
  async #fullPads(): Promise<Map<number, Uint8Array>> {
    const { grant, program } = this.#request;
    const length = programCost(program).padBytes[grant.index]!;
    const stream = this.#service.pads(base64url(this.session), length, this.#signal);
    const reader = this.#keep(new ByteReader(stream, grant.keyService));
    const pads = new Map<number, Uint8Array>();
    try {
      for (const { node, bytes } of programPads(program, grant.index)) pads.set(node, await reader.read(bytes));
      await reader.end();
      return pads;
    } catch (error) {
      for (const pad of pads.values()) pad.fill(0);
      throw error;
    }
  }
}
