import { fault } from '@symbolon/crypto';
import type { Ciphertext, Evaluator, RelinKeys } from 'node-seal';
import { type Circuit, columnsOf, type Node, operandsOf, secretOutputs } from '../circuit/circuit.ts';
import { freshPrimes } from '../parameters.ts';
import {
  hasPlainHeader,
  type LastCiphertext,
  readLast,
  relinBytes,
  type SeededCiphertext,
  writeSeeded,
} from '../wire/seal-format.ts';
import { levelId } from './level.ts';
import { openSeal, type Seal } from './library.ts';
import { PrivateInputs, type Secrets } from './private-inputs.ts';

/** Gives the ciphertext of a column of the present chunk. */
export type ColumnSource = (column: string) => SeededCiphertext | Promise<SeededCiphertext>;

/**
 * Evaluates a proven circuit chunk by chunk. Runs at: the compute server, in a process of its own. Learns: nothing but which circuit, and sizes.
 *
 * Products of the last step are added up over chunks as they are, three polynomials each, and relinearised once at the end.
 */
export class CircuitEvaluator {
  readonly #seal: Seal;
  readonly #circuit: Circuit;
  readonly #evaluator: Evaluator;
  readonly #keys: RelinKeys;
  readonly #level: Uint8Array;
  readonly #last: Uint8Array;
  readonly #used: boolean[];
  readonly #sums: (Ciphertext | undefined)[];
  readonly #private: PrivateInputs | undefined;

  private constructor(seal: Seal, circuit: Circuit, evaluation: Uint8Array, secrets: Secrets | undefined) {
    const { module, context } = seal;
    this.#seal = seal;
    this.#circuit = circuit;
    this.#evaluator = new module.Evaluator(context);
    this.#keys = new module.RelinKeys();
    this.#keys.loadFromArray(context, evaluation);
    this.#level = levelId(context.firstParmsId());
    this.#last = levelId(context.lastParmsId());
    const operands = new Set(circuit.nodes.flatMap(operandsOf));
    this.#used = circuit.nodes.map((_, i) => operands.has(i));
    this.#sums = circuit.outputs.map(() => undefined);
    const secret = secretOutputs(circuit);
    if (secret.includes(true)) {
      if (secrets === undefined) throw new Error('the circuit has a model that was not given');
      this.#private = new PrivateInputs(seal, this.#evaluator, secrets, secret);
    }
  }

  /**
   * Throws `frame-shape` for evaluation keys that are none. @param circuit after `proveCircuit` @param evaluation keys, after their owner's signature
   * was verified @param secrets models that the circuit names
   */
  static async open(circuit: Circuit, evaluation: Uint8Array, secrets?: Secrets): Promise<CircuitEvaluator> {
    if (evaluation.length !== relinBytes || !hasPlainHeader(evaluation)) {
      throw fault('frame-shape', 'the evaluation keys have the wrong form');
    }
    const seal = await openSeal();
    try {
      return new CircuitEvaluator(seal, circuit, evaluation, secrets);
    } catch (cause) {
      throw fault('frame-shape', 'the evaluation keys cannot be read', { cause });
    }
  }

  /** Adds a chunk to the sums. */
  async add(source: ColumnSource): Promise<void> {
    const { nodes, outputs } = this.#circuit;
    const values: (Ciphertext | undefined)[] = [];
    const columns = new Map<string, Ciphertext>();
    try {
      for (const id of this.#needed()) columns.set(id, this.#load(await source(id)));
      for (const [i, node] of nodes.entries()) {
        const value = this.#value(node, values, columns);
        // An output that nothing else needs stays a product of three polynomials.
        if (this.#used[i] && value.size() > 2) this.#evaluator.relinearizeInplace(value, this.#keys);
        values.push(value);
      }
      for (const [place, node] of outputs.entries()) this.#addTo(place, values[node]!);
      this.#private?.addChunk(columns);
    } finally {
      for (const text of [...values, ...columns.values()]) text?.delete();
    }
  }

  #needed(): Set<string> {
    return new Set(this.#circuit.nodes.flatMap(columnsOf));
  }

  #load(text: SeededCiphertext): Ciphertext {
    const { module, context } = this.#seal;
    const loaded = new module.Ciphertext();
    loaded.loadFromArray(context, writeSeeded(text, this.#level));
    return loaded;
  }

  #value(
    node: Node,
    values: readonly (Ciphertext | undefined)[],
    columns: ReadonlyMap<string, Ciphertext>,
  ): Ciphertext {
    const result = new this.#seal.module.Ciphertext();
    switch (node.op) {
      case 'columns':
        this.#sum(node.columns, columns, result);
        break;
      case 'model':
        this.#private!.points(node.model, columns, result);
        break;
      case 'product':
        this.#evaluator.multiply(values[node.left]!, values[node.right]!, result);
        break;
      case 'choose':
        for (const [i, { columns: ids, times }] of node.branches.entries()) {
          using branch = new this.#seal.module.Ciphertext();
          this.#sum(ids, columns, branch);
          if (times !== null) this.#evaluator.multiplyInplace(branch, values[times]!);
          if (i === 0) result.assign(branch);
          else this.#evaluator.addInplace(result, branch);
        }
    }
    return result;
  }

  #sum(ids: readonly string[], columns: ReadonlyMap<string, Ciphertext>, result: Ciphertext): void {
    const [first, ...rest] = ids.map((id) => columns.get(id)!);
    result.assign(first!);
    for (const one of rest) this.#evaluator.addInplace(result, one);
  }

  #addTo(place: number, value: Ciphertext): void {
    const sum = this.#sums[place];
    if (sum === undefined) {
      const first = new this.#seal.module.Ciphertext();
      first.assign(value);
      this.#sums[place] = first;
    } else {
      this.#evaluator.addInplace(sum, value);
    }
  }

  /** The sums over all chunks so far, one an output, of a size that depends on nothing; then the evaluator is closed. */
  finish(): LastCiphertext[] {
    const { module } = this.#seal;
    const results = this.#sums.map((sum, place) => {
      if (sum === undefined) throw new Error('no chunk was added');
      if (sum.size() > 2) this.#evaluator.relinearizeInplace(sum, this.#keys);
      this.#private?.hide(place, sum);
      for (let prime = freshPrimes; prime > 1; prime--) this.#evaluator.cipherModSwitchToNextInplace(sum);
      return readLast(sum.saveToArray(module.ComprModeType.none) as Uint8Array, this.#last);
    });
    this.#private?.close();
    for (const object of [...this.#sums, this.#keys, this.#evaluator]) object?.delete();
    return results;
  }
}
