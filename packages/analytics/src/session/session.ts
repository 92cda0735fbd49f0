import { equalBytes, fault, hashLabelled } from '@symbolon/crypto';
import { type AnswerKey, PartySession } from '@symbolon/engine';
import { type LinkOptions, ManyPartySession, type MeetingSide } from '@symbolon/linkage';
import { toldMeets } from './cost.ts';
import { checkInput, type MeetEntries, type SpokeEntries, type StudyInput } from './input.ts';
import { sharePrefix } from './meet.ts';
import { HubMeets, type MeetsOptions, meetAsSpoke } from './meets.ts';
import type { StudyProgram } from './program.ts';

export type StudyOptions = LinkOptions<StudyProgram>;

/** What a session yields to a party, by name: what the plan reveals to it, and its shares of what is kept. */
export type StudyYield = Map<string, Uint8Array>;

/**
 * One party's side of a session: `exchange`, `evaluate`, `end`, each once (README, the table of steps).
 *
 * Runs at: every party. Learns: what the plan reveals to it.
 */
export class StudySession extends ManyPartySession {
  readonly #options: StudyOptions;
  readonly #engine: PartySession;
  #hub: HubMeets | undefined;
  #told: MeetEntries['told'];

  constructor(options: StudyOptions) {
    const { program, index, masks, kernels, name } = options;
    super({ ...options, parties: program.parties });
    this.#options = options;
    this.#engine = new PartySession({ plan: program.plan, index, masks, channel: this.channel, kernels, name });
  }

  /**
   * Random starts between all; the masked inputs of the plan, but for the shares of meets; then the entries of the hub and the rows of the spokes,
   * all under pads.
   *
   * @param salt 32 fresh random bytes
   * @returns the hash that all sign: of every party's start, all masked inputs so far, and all that went between hub and spokes
   * @throws SymbolonError `data-duplicate-id` before anything is sent; `frame-shape`, `frame-too-long`, `frame-order`, `peer-disagrees`, `internal`
   *   (entries that do not fit, once in 2^40 runs), or what the channel throws
   */
  async exchange(input: StudyInput, salt: Uint8Array): Promise<Uint8Array> {
    this.once('exchange');
    const { program, index, masks, kernels } = this.#options;
    if (input.make === undefined) await this.paused(checkInput(program, index, input, kernels));
    if (program.meets.length === 0) return this.#exchangeInputs(input.inputs(undefined), salt);
    const starts = await this.startsOfAll(salt);
    const entries = (await this.#make(input, starts)) ?? input;
    this.#told = entries.told;
    const meets: MeetsOptions = { program, masks: masks.own, starts, side: (peer) => this.#side(peer) };
    if (index === 0) this.#hub = await HubMeets.place(meets, entries);
    const inputs = await this.#exchangeInputs(input.inputs(this.#hub?.bins), this.#options.rng(32));
    const own = await (this.#hub?.meet() ?? meetAsSpoke(meets, this.#ownMeets(entries)));
    const all = await this.#tell(own);
    return hashLabelled('symbolon masked data', ...starts, inputs, ...program.meets.map((_, at) => all.get(at)!));
  }

  /**
   * Yields the share of the work that is done.
   *
   * @param answerKey p0's; the other parties have none
   * @throws SymbolonError as of `exchange`, but for the data's
   */
  async *evaluate(answerKey?: AnswerKey): AsyncGenerator<number, StudyYield> {
    this.once('evaluate');
    const stages = this.#options.program.plan.stages.length;
    const shares = (await this.#hub?.open(answerKey!)) ?? {};
    await wiped(shares, () => this.#engine.complete(shares));
    const yielded: StudyYield = new Map(this.#told);
    let done = 1;
    for await (const revealed of this.#engine.evaluate(answerKey)) {
      for (const { name, bytes } of revealed) yielded.set(name, bytes);
      yield ++done / (stages + 1);
    }
    return yielded;
  }

  protected wipe(): void {
    this.#hub = undefined;
    this.#engine.end();
  }

  #side(peer: number): MeetingSide {
    const { kernels, rng } = this.#options;
    return { ...this.line(peer), kernels, rng };
  }

  /** All inputs of the plan but the shares of meets. */
  #exchangeInputs(inputs: Record<string, Uint8Array>, salt: Uint8Array): Promise<Uint8Array> {
    return wiped(inputs, () => this.#engine.exchange(inputs, salt, (name) => name.startsWith(sharePrefix)));
  }

  /** Entries that need a key of this session: a hash of every party's start, which nobody else hears of. */
  async #make(input: StudyInput, starts: readonly Uint8Array[]): Promise<MeetEntries | undefined> {
    if (input.make === undefined) return undefined;
    const { program, index, kernels, rng } = this.#options;
    const runKey = hashLabelled('symbolon run key', ...starts);
    const entries = await this.paused(input.make({ runKey, kernels, rng }));
    await this.paused(checkInput(program, index, entries, kernels));
    return entries;
  }

  #ownMeets({ spokes }: MeetEntries): ReadonlyMap<number, SpokeEntries> {
    const { program, index } = this.#options;
    return new Map(
      program.meets.flatMap(({ spoke }, at) => (spoke === index ? [[at, spokes!.get(at)!] as const] : [])),
    );
  }

  /** Those that took part in a meet tell its hash to those that did not, who compare what both sides say. @returns the hash of every meet */
  async #tell(own: ReadonlyMap<number, Uint8Array>): Promise<ReadonlyMap<number, Uint8Array>> {
    const { program, index } = this.#options;
    const all = new Map(own);
    await Promise.all(
      this.peers.flatMap((peer) => {
        const line = this.line(peer);
        const send = async (): Promise<void> => {
          for (const at of toldMeets(program, index, peer)) await line.send(own.get(at)!);
        };
        const receive = async (): Promise<void> => {
          for (const at of toldMeets(program, peer, index)) agree(all, at, await line.receive(new Uint8Array(32)));
        };
        return [send(), receive()];
      }),
    );
    return all;
  }
}

function agree(all: Map<number, Uint8Array>, at: number, told: Uint8Array): void {
  const known = all.get(at) ?? told;
  if (!equalBytes(known, told)) throw fault('peer-disagrees', `the two sides of meet ${at} tell of different messages`);
  all.set(at, told);
}

/** Inputs are overwritten whatever becomes of what takes them. */
async function wiped<Result>(inputs: Record<string, Uint8Array>, take: () => Promise<Result>): Promise<Result> {
  try {
    return await take();
  } finally {
    for (const bytes of Object.values(inputs)) bytes.fill(0);
  }
}
