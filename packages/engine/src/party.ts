import { discard, equalBytes, hashLabelled, SymbolonError } from '@symbolon/crypto';
import type { Kernels } from '@symbolon/kernels';
import type { Ptr } from './algebra.ts';
import { algebra } from './algebra.ts';
import type { Channel } from './channel.ts';
import { MAX_FRAME, receiveMessage, sendMessage, TranscriptChannel } from './channel.ts';
import { inputOf } from './clear.ts';
import type { PartyMasks } from './masks.ts';
import { inputLabel } from './masks.ts';
import { allocate } from './memory.ts';
import type { Masked, Round } from './ops/operation.ts';
import { setOrder } from './orders.ts';
import type { Scheduled } from './plan/cost.ts';
import { schedule, stageAnswerKeyBytes } from './plan/cost.ts';
import { Lifetimes } from './plan/liveness.ts';
import type { NodeOf, Plan, PlanNode, Wire } from './plan/types.ts';
import { byteLength } from './plan/types.ts';
import { checkRange } from './range.ts';
import { addFrame, audiences, frameBytes, hopsOf, writeFrame } from './round.ts';
import type { Revealed } from './step.ts';
import { Step } from './step.ts';

export interface PartyOptions {
  readonly plan: Plan;
  /** This party's place in the plan. */
  readonly index: number;
  readonly masks: PartyMasks;
  /** One that hashes already goes on doing so, for a session of which the plan is a part. */
  readonly channel: Channel;
  readonly kernels: Kernels;
  /** What a party is called in errors. */
  readonly name?: (party: number) => string;
}

/** The dealer's corrections, as p0 reads them: exactly the next `bytes`, or an error; the engine wipes the array. */
export interface AnswerKey {
  read(bytes: number): Promise<Uint8Array>;
}

/**
 * One party's side of a session: `exchange`, then `evaluate`, then `end`; each once.
 *
 * Runs at: every party. Learns: masked values, and what the plan reveals to it.
 */
export class PartySession {
  readonly #plan: Plan;
  readonly #index: number;
  readonly #masks: PartyMasks;
  readonly #channel: TranscriptChannel;
  readonly #kernels: Kernels;
  readonly #name: (party: number) => string;
  readonly #peers: readonly number[];
  readonly #wires = new Map<Wire, Masked>();
  readonly #orders = new Map<string, Ptr>();
  readonly #derived = new Map<Wire, Map<string, Ptr>>();
  readonly #lifetimes: Lifetimes;
  #later: readonly [index: number, InputNode][] = [];
  #ended = false;
  readonly #begun = new Set<string>();

  constructor({ plan, index, masks, channel, kernels, name = (party) => `party ${party}` }: PartyOptions) {
    this.#plan = plan;
    this.#index = index;
    this.#masks = masks;
    this.#channel = channel instanceof TranscriptChannel ? channel : new TranscriptChannel(channel, index);
    this.#kernels = kernels;
    this.#name = name;
    this.#peers = Array.from({ length: plan.parties }, (_, party) => party).filter((party) => party !== index);
    this.#lifetimes = new Lifetimes(plan);
    for (const peer of this.#peers) {
      // Without it λ shares would go out bare.
      if (masks.pairs[peer]) continue;
      throw new SymbolonError('frame-shape', `there is no seed shared with ${name(peer)}`, { culprit: 'key service' });
    }
  }

  get sentBytes(): number {
    return this.#channel.sentBytes;
  }

  get receivedBytes(): number {
    return this.#channel.receivedBytes;
  }

  /** The transcript with a peer so far; equal at both. */
  transcript(peer: number): readonly [Uint8Array, Uint8Array] {
    return this.#channel.digest(peer);
  }

  /**
   * Sends this party's inputs under one-time pads and receives the others': from here on all hold the same masked data.
   *
   * @param inputs this party's own, by name: words little-endian, bits packed from the lowest; of p0 also the orders of its permutations
   * @param salt 32 fresh random bytes: without them a bare hash of low-entropy data would confirm guesses to the dealer
   * @param isLater which inputs wait for `complete`; the same at all parties
   * @returns the hash of all masked data that every party signs (PROTOCOLS §1.3), 32 bytes
   * @throws SymbolonError `frame-shape`, `frame-too-long`, `data-out-of-range`, `plan-invalid`, `session-burned`, `session-expired`, or what the
   *   channel throws
   */
  async exchange(
    inputs: Readonly<Record<string, Uint8Array>>,
    salt: Uint8Array,
    isLater: (input: string) => boolean = () => false,
  ): Promise<Uint8Array> {
    this.#once('exchange');
    const nodes = this.#inputNodes();
    this.#later = nodes.filter(([, { name }]) => isLater(name));
    if (this.#index === 0) this.#setOrders(inputs);
    const salts = Array.from({ length: this.#plan.parties }, (_, party) =>
      party === this.#index ? salt : new Uint8Array(salt.length),
    );
    const now = nodes.filter(([, { name }]) => !isLater(name));
    const masked = await this.#give(now, inputs, salts);
    const mirror = this.#peers.find((peer) => equalBytes(salts[peer]!, salt));
    if (mirror !== undefined) {
      const culprit = this.#name(mirror);
      throw new SymbolonError('frame-order', 'a peer sent this party’s own random start back', { culprit });
    }
    for (const [index, node] of this.#plan.nodes.entries()) {
      if (node.op !== 'random') continue;
      this.#setRandom(node, index);
      this.#free(node);
    }
    return hashLabelled('symbolon masked data', ...salts, ...masked);
  }

  /**
   * The same for the inputs that `exchange` left out, because what they hold follows from the answer key. No hash covers them but the transcripts'.
   *
   * @throws SymbolonError as `exchange`
   */
  async complete(inputs: Readonly<Record<string, Uint8Array>>): Promise<void> {
    this.#once('complete');
    await this.#give(this.#later, inputs, []);
    this.#later = [];
  }

  /**
   * Runs the plan stage by stage on the masked data, and yields what each stage reveals to this party and leaves to it to keep.
   *
   * @param answerKey p0's corrections; the other parties have none
   * @throws SymbolonError `frame-shape`, `frame-too-long`, `session-burned`, `session-expired`, or what the channel throws
   */
  async *evaluate(answerKey?: AnswerKey): AsyncGenerator<Revealed[]> {
    this.#once('evaluate');
    if (this.#later.length > 0) throw new SymbolonError('internal', 'a session was evaluated before it was complete');
    for (const stage of schedule(this.#plan))
      yield await this.#runStage(stage, await this.#corrections(stage, answerKey));
  }

  /** Ends what still runs and overwrites everything that this session held in the kernels' memory; the kernels are free for another. Again: nothing. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#channel.close();
    this.#wires.clear();
    this.#derived.clear();
    this.#orders.clear();
    this.#kernels.arena.zeroise();
  }

  /** Nothing resumes on the same keys, not even a step that failed: masks that went out once would go out over other data. */
  #once(step: string): void {
    if (this.#begun.has(step)) throw new SymbolonError('session-burned', `this session has begun '${step}' before`);
    this.#begun.add(step);
  }

  #inputNodes(): [index: number, InputNode][] {
    return this.#plan.nodes.flatMap((node, index) =>
      node.op === 'input' ? [[index, node] as [number, InputNode]] : [],
    );
  }

  /** Δ = x + λ under the one-time pad of this input. */
  #mask(node: InputNode, index: number, plain: Uint8Array): Uint8Array {
    const { abi, arena } = this.#kernels;
    const type = this.#plan.wires[node.out[0]!]!;
    checkRange(node.name, type, plain);
    const [delta, lambda] = [allocate(this.#kernels, plain.length), allocate(this.#kernels, plain.length)];
    this.#masks.own.stream(inputLabel(index)).fill(arena.bytes(lambda, plain.length), 0);
    arena.bytes(delta, plain.length).set(plain);
    algebra(abi, type).add(delta, delta, lambda, type.size);
    this.#wires.set(node.out[0]!, { type, delta, lambda });
    return arena.bytes(delta, plain.length).slice();
  }

  /** The orders stay with p0: they are no part of the exchange. */
  #setOrders(inputs: Readonly<Record<string, Uint8Array>>): void {
    for (const node of this.#plan.nodes) {
      if (node.op !== 'permute') continue;
      const { size } = this.#plan.wires[node.in[0]!]!;
      const order = allocate(this.#kernels, 4 * size);
      setOrder(this.#kernels.arena, order, size, node.name, inputs[node.name]);
      this.#orders.set(node.name, order);
    }
  }

  /** Δ = 0, and at its owner λ. */
  #setRandom(node: NodeOf<'random'>, index: number): void {
    const { arena } = this.#kernels;
    const type = this.#plan.wires[node.out[0]!]!;
    const bytes = byteLength(type);
    const delta = allocate(this.#kernels, bytes);
    arena.bytes(delta, bytes).fill(0);
    const lambda = node.owner === this.#index ? allocate(this.#kernels, bytes) : 0;
    if (lambda !== 0) this.#masks.own.stream(inputLabel(index)).fill(arena.bytes(lambda, bytes), 0);
    this.#wires.set(node.out[0]!, { type, delta, lambda });
  }

  async #sendAll(messages: readonly Uint8Array[]): Promise<void> {
    for (const message of messages) await sendMessage(this.#channel, this.#peers, message);
  }

  async #receive(peer: number, out: Uint8Array): Promise<Uint8Array> {
    await receiveMessage(this.#channel, peer, out, this.#name);
    return out;
  }

  /**
   * Some inputs: this party's go to all, the others' come; before them what each party's place in `heads` holds, if there is something.
   *
   * @returns their masked values, in order
   */
  async #give(
    nodes: readonly (readonly [index: number, InputNode])[],
    inputs: Readonly<Record<string, Uint8Array>>,
    heads: readonly Uint8Array[],
  ): Promise<Uint8Array[]> {
    const masked = nodes.map(([index, node]) =>
      node.owner === this.#index
        ? this.#mask(node, index, inputOf(this.#plan, node, inputs))
        : new Uint8Array(byteLength(this.#plan.wires[node.out[0]!]!)),
    );
    const of = (party: number): Uint8Array[] => [
      ...heads.slice(party, party + 1),
      ...masked.filter((_, i) => nodes[i]![1].owner === party),
    ];
    await Promise.all([
      this.#sendAll(of(this.#index)),
      ...this.#peers.map(async (peer) => {
        for (const out of of(peer)) await this.#receive(peer, out);
      }),
    ]);
    for (const [i, [, node]] of nodes.entries()) {
      if (node.owner !== this.#index) this.#setInput(node, masked[i]!);
      this.#free(node);
    }
    return masked;
  }

  /** Another party's: Δ as it came. */
  #setInput(node: InputNode, masked: Uint8Array): void {
    const delta = allocate(this.#kernels, masked.length);
    this.#kernels.arena.bytes(delta, masked.length).set(masked);
    this.#wires.set(node.out[0]!, { type: this.#plan.wires[node.out[0]!]!, delta, lambda: 0 });
  }

  /** p0's corrections of a stage, in a block of their own. */
  async #corrections(stage: readonly Scheduled[], answerKey: AnswerKey | undefined): Promise<Ptr> {
    const needed = this.#index === 0 ? stageAnswerKeyBytes(stage) : 0;
    const chunk = allocate(this.#kernels, needed);
    for (let at = 0; at < needed; at += MAX_FRAME) {
      const due = Math.min(MAX_FRAME, needed - at);
      const part = await answerKey!.read(due);
      this.#channel.requireOpen();
      if (part.length !== due) {
        throw new SymbolonError('frame-shape', `the answer key has ${part.length} bytes where ${due} were due`, {
          culprit: 'key service',
        });
      }
      this.#kernels.arena.bytes(chunk + at, due).set(part);
      part.fill(0);
      discard(part);
    }
    return chunk;
  }

  /** In each round what starts now joins what goes on; all that is open stands in one frame to each peer. */
  async #runStage(stage: readonly Scheduled[], chunk: Ptr): Promise<Revealed[]> {
    const { arena } = this.#kernels;
    const answerKey = answerKeyPointers(stage, chunk);
    const revealed: Revealed[] = [];
    const options = {
      plan: this.#plan,
      index: this.#index,
      masks: this.#masks,
      kernels: this.#kernels,
      wires: this.#wires,
      orders: this.#orders,
      name: this.#name,
      derived: this.#derived,
      revealed,
    };
    let running: Step[] = [];
    const goesOn = (step: Step): boolean => {
      const ended = step.advance();
      if (ended) this.#free(step.node);
      return !ended;
    };
    for (let next = 0, round = 0; next < stage.length || running.length > 0; round++) {
      for (; next < stage.length && stage[next]!.start === round; next++) {
        const { node, index } = stage[next]!;
        const step = new Step(options, node, index, answerKey.get(index)!);
        if (goesOn(step)) running.push(step);
      }
      if (running.length === 0) continue;
      const open = running.flatMap((step) => step.round);
      for (const hop of hopsOf(open, this.#plan.parties)) await this.#swap(hop);
      running = running.filter(goesOn);
    }
    arena.free(chunk);
    return revealed;
  }

  /** Exchanges the frames of a round or hop and adds the other parties' shares to this party's, in place. */
  async #swap(round: Round): Promise<void> {
    const { arena } = this.#kernels;
    const frames = this.#peers.map((peer) => {
      const bytes = frameBytes(round, peer, this.#index);
      return { peer, bytes, ptr: allocate(this.#kernels, bytes) };
    });
    const sent = audiences(round, this.#index, this.#peers).map(async (peers) => {
      const frame = writeFrame(this.#kernels, round, this.#index, peers[0]!);
      await sendMessage(this.#channel, peers, frame);
      discard(frame);
    });
    const received = frames.map(({ peer, bytes, ptr }) => this.#receive(peer, arena.bytes(ptr, bytes)));
    await Promise.all([...sent, ...received]);
    for (const { peer, ptr } of frames) {
      addFrame(this.#kernels, round, peer, this.#index, ptr);
      arena.free(ptr);
    }
  }

  #free(node: PlanNode): void {
    for (const wire of this.#lifetimes.end(node)) {
      const value = this.#wires.get(wire);
      this.#wires.delete(wire);
      for (const ptr of this.#derived.get(wire)?.values() ?? []) this.#kernels.arena.free(ptr);
      this.#derived.delete(wire);
      if (value === undefined) continue;
      this.#kernels.arena.free(value.delta);
      if (value.lambda !== 0) this.#kernels.arena.free(value.lambda);
    }
  }
}

type InputNode = NodeOf<'input'>;

/** Where each node's corrections stand in the stage's part of the answer key, which is in the order of the nodes. */
function answerKeyPointers(stage: readonly Scheduled[], chunk: Ptr): Map<number, Ptr> {
  const pointers = new Map<number, Ptr>();
  let at = chunk;
  for (const { index, cost } of stage.toSorted((x, y) => x.index - y.index)) {
    pointers.set(index, at);
    at += cost.answerKeyBytes;
  }
  return pointers;
}
