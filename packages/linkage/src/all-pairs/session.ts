import { type AnswerKey, type PartyOptions, PartySession } from '@symbolon/engine';
import { type LinkResult, PairList } from '../pairs.ts';
import type { LinkSession } from '../session.ts';
import { countName } from './choice.ts';
import { allPairsPlan, leafInputs } from './plan.ts';
import type { AllPairsProgram } from './program.ts';
import { decodeCount, decodeVerdicts } from './verdicts.ts';

/** One side's records, leaf by leaf, as `encodePairs` gives them. */
export type PairVectors = readonly (readonly Uint8Array[])[];

/** One side of a link over all pairs: masked evaluation of the rule. */
export class AllPairsSession implements LinkSession<PairVectors, LinkResult> {
  readonly #program: AllPairsProgram;
  readonly #index: number;
  readonly #stages: number;
  readonly #engine: PartySession;
  readonly #pause: () => Promise<void>;

  constructor(options: Omit<PartyOptions, 'plan'> & { program: AllPairsProgram; pause: () => Promise<void> }) {
    this.#program = options.program;
    this.#index = options.index;
    this.#pause = options.pause;
    const plan = allPairsPlan(options.program);
    this.#stages = plan.stages.length;
    this.#engine = new PartySession({ ...options, plan });
  }

  get sentBytes(): number {
    return this.#engine.sentBytes;
  }

  get receivedBytes(): number {
    return this.#engine.receivedBytes;
  }

  transcript(peer: number): readonly [Uint8Array, Uint8Array] {
    return this.#engine.transcript(peer);
  }

  async exchange(vectors: PairVectors, salt: Uint8Array): Promise<Uint8Array> {
    const side = this.#index === 0 ? 'a' : 'b';
    const inputs: Record<string, Uint8Array> = {};
    try {
      for (const [leaf, rows] of vectors.entries()) {
        Object.assign(inputs, leafInputs(this.#program, leaf, side, rows));
        await this.#pause();
      }
      return await this.#engine.exchange(inputs, salt);
    } finally {
      for (const bytes of Object.values(inputs)) bytes.fill(0);
    }
  }

  async *evaluate(answerKey?: AnswerKey): AsyncGenerator<number, LinkResult> {
    const program = this.#program;
    const pairs = new PairList();
    let count = 0;
    let done = 0;
    for await (const revealed of this.#engine.evaluate(answerKey)) {
      for (const { name, bytes } of revealed) {
        if (name === countName) count = decodeCount(program, bytes);
        else for (const [a, b] of decodeVerdicts(program, Number(name.split('/')[1]), bytes)) pairs.add(a, b);
      }
      yield ++done / this.#stages;
      await this.#pause();
    }
    if (!program.to.includes(this.#index)) return { kind: 'nothing' };
    return program.reveal === 'count' ? { kind: 'count', count } : { kind: 'pairs', ...pairs.pairs() };
  }

  end(): void {
    this.#engine.end();
  }
}
