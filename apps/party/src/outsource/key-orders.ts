import {
  base64url,
  concat,
  ephemeralKey,
  fault,
  fromBase64url,
  hashLabelled,
  hpkeOpen,
  hpkeSeal,
  type Rng,
  utf8,
} from '@symbolon/crypto';
import {
  Checks,
  type Circuit,
  type ColumnSpec,
  type FeatureColumn,
  keyIdOf,
  layOut,
  layOutScores,
  linearForm,
  openScores,
  openTotals,
  type Part,
  proveModel,
  resultKey,
  ScoreChecks,
  type ScoreModel,
  scoreOf,
  scoreResultKey,
  type TableKind,
} from '@symbolon/fhe/sealing';
import { unwrapSecret, wrapSecret } from '@symbolon/service/passphrase';
import type { TableForm, TableSecrets } from './forms.ts';
import { OwnFiles, patientsFile, scoresFile } from './own-files.ts';
import type { Reading } from './rows.ts';
import { inSealProcess } from './seal-child.ts';
import type { Folders } from './seal-task.ts';

/** What a secret key is asked to do. Tables are named by their ids at the server, base64url: check rows are fresh for each. */
export type KeyOrder =
  | { readonly kind: 'make'; readonly of: TableKind; readonly passphrase: string; readonly known: readonly string[] }
  | { readonly kind: 'unwrap'; readonly key: string; readonly text: string; readonly passphrase: string }
  | {
      readonly kind: 'encrypt';
      readonly table: string;
      readonly reading: Reading;
      readonly form: TableForm;
      readonly folders: Folders;
    }
  | {
      readonly kind: 'recompute';
      readonly table: string;
      readonly reading: Reading;
      readonly specs: readonly ColumnSpec[];
      readonly circuit: Circuit;
    }
  | {
      readonly kind: 'open';
      readonly table: string;
      readonly specs: readonly ColumnSpec[];
      readonly rows: number;
      readonly circuit: Circuit;
      readonly parts: readonly Part[];
    }
  | ({ readonly kind: 'score'; readonly rows: number; readonly results: readonly Uint8Array[] } & ScoredRun)
  | ({ readonly kind: 'compare'; readonly reading: Reading } & ScoredRun)
  | ({ readonly kind: 'scores'; readonly part: number; readonly kept: string } & Omit<ScoredRun, 'features'>)
  | { readonly kind: 'recipient' }
  | { readonly kind: 'hand'; readonly table: string; readonly recipient: Uint8Array }
  | {
      readonly kind: 'move';
      readonly table: string;
      readonly form: TableForm;
      readonly rows: number;
      /** What the other key was told to hand over. */
      readonly from: { readonly table: string; readonly handed: Uint8Array; readonly folders: Folders };
      readonly folders: Folders;
      readonly first: number;
    };

/** A run that gives a score to each patient of a table. */
export interface ScoredRun {
  readonly table: string;
  readonly features: readonly FeatureColumn[];
  readonly model: ScoreModel;
  /** Number of the run. */
  readonly run: number;
  /** Where the scores are kept: see {@link OwnFiles}. */
  readonly own: string;
}

/** Scores of some patients, and how many parts there are. */
export interface ScorePart {
  readonly patients: readonly string[];
  readonly scores: readonly number[];
  readonly parts: number;
}

/** What comes of each: nothing of it is secret but totals and scores, which are the owner's. */
export interface KeyAnswers {
  readonly make: { readonly key: string; readonly evaluation: Uint8Array | null; readonly wrapped: string };
  readonly unwrap: null;
  readonly encrypt: { readonly rows: number; readonly digest: string };
  readonly recompute: { readonly digest: string; readonly totals: readonly number[] };
  readonly open: readonly number[];
  /** Hash of what was kept, base64url. */
  readonly score: { readonly kept: string };
  readonly compare: { readonly digest: string; readonly isSame: boolean };
  readonly scores: ScorePart;
  readonly recipient: Uint8Array;
  readonly hand: Uint8Array;
  readonly move: null;
}

/** Follows one order. */
export interface Following {
  readonly onProgress: (done: number, of: number) => void;
  readonly signal: AbortSignal;
}

const rootBytes = 32;
const kem = 'X25519';

/** A secret key, in the one process that has it. What takes SEAL is done in processes of their own, which it starts: see seal-task.ts. */
export class SecretHolder {
  readonly #rng: Rng;
  readonly #recipient;
  /** SEAL's secret key, and the root of the seeds of check rows. */
  #secret: Uint8Array | undefined;
  #root = new Uint8Array();

  constructor(rng: Rng) {
    this.#rng = rng;
    this.#recipient = ephemeralKey(kem, rng);
  }

  async follow(order: KeyOrder, following: Following): Promise<KeyAnswers[KeyOrder['kind']]> {
    switch (order.kind) {
      case 'make':
        return this.#make(order);
      case 'unwrap': {
        const { key, text, passphrase } = order;
        this.#keep(await unwrapSecret(text, nameOf(key), passphrase));
        return null;
      }
      case 'encrypt': {
        const { table, folders, ...task } = order;
        const { rows, digest } = await inSealProcess({ ...task, to: { ...this.#of(table), ...folders } }, following);
        return { rows, digest };
      }
      case 'recompute': {
        const { table, ...task } = order;
        const { digest, totals } = await inSealProcess({ ...task, seed: this.#of(table).seed }, following);
        return { digest, totals };
      }
      case 'open':
        return this.#open(order);
      case 'score':
        return { kept: this.#score(order) };
      case 'compare':
        return this.#compare(order, following);
      case 'scores':
        return this.#scores(order);
      case 'recipient':
        return this.#recipient.publicKey;
      case 'hand':
        return this.#hand(order);
      case 'move': {
        const { kind, form, rows, first, from, folders, table } = order;
        const opened = unpacked(await hpkeOpen(this.#recipient, from.handed, contextOf(from.table)));
        const task = { kind, form, rows, first, from: { ...opened, ...from.folders } };
        await inSealProcess({ ...task, to: { ...this.#of(table), ...folders } }, following);
        return null;
      }
    }
  }

  async #make({ of, passphrase, known }: Extract<KeyOrder, { kind: 'make' }>): Promise<KeyAnswers['make']> {
    const { secret, evaluation } = await inSealProcess({ kind: 'keys', of });
    const key = evaluation === null ? base64url(this.#rng(16)) : keyIdOf(evaluation);
    const both = concat(secret, this.#rng(rootBytes));
    const wrapped = await wrapSecret({ name: nameOf(key), secret: both, passphrase }, known, this.#rng);
    this.#keep(both);
    return { key, evaluation, wrapped };
  }

  #open({ table, specs, rows, circuit, parts }: Extract<KeyOrder, { kind: 'open' }>): readonly number[] {
    const { secret, seed } = this.#of(table);
    const layout = layOut(specs, rows);
    return openTotals({ layout, checks: new Checks(layout, seed), circuit }, parts, resultKey({ secret }));
  }

  /**
   * Keeps the linear forms of scores where only this key reads them; nobody is told one here. Throws `fhe-check`, `frame-shape`.
   * @returns hash of what was kept
   */
  #score({ table, features, rows, model, results, run, own }: Extract<KeyOrder, { kind: 'score' }>): string {
    const { secret, seed } = this.#of(table);
    const layout = layOutScores(features, rows);
    const scores = openScores(
      { layout, checks: new ScoreChecks(layout, seed), model },
      results,
      scoreResultKey(secret),
    );
    return new OwnFiles(own, seed).write(scoresFile(run), [...scores.linearForms()], this.#rng);
  }

  /** Whether the rows in the clear come to the same, but for noise: of the linear forms, as what bounds the noise of these is no bound of a probability. */
  async #compare(
    { table, features, model, reading, run, own }: Extract<KeyOrder, { kind: 'compare' }>,
    following: Following,
  ): Promise<KeyAnswers['compare']> {
    const { seed } = this.#of(table);
    const linear = new OwnFiles(own, seed).all<number>(scoresFile(run));
    const task = { kind: 'compare' as const, reading, features, model: linearForm(model), linear, seed };
    const { digest, furthest } = await inSealProcess(task, following);
    return { digest, isSame: furthest <= proveModel(model, features).error };
  }

  #scores({ table, model, run, own, part, kept }: Extract<KeyOrder, { kind: 'scores' }>): ScorePart {
    const files = new OwnFiles(own, this.#of(table).seed);
    const { values, parts } = files.part<number>(scoresFile(run), part, kept);
    const scores = values.map((linear) => scoreOf(model, linear));
    return { patients: files.part<string>(patientsFile, part).values, scores, parts };
  }

  /** To another such process, past the server that carries it. */
  #hand({ table, recipient }: Extract<KeyOrder, { kind: 'hand' }>): Uint8Array {
    const { secret, seed } = this.#of(table);
    return hpkeSeal({ kem, publicKey: recipient }, concat(secret, seed), contextOf(table), this.#rng);
  }

  #keep(both: Uint8Array): void {
    this.#secret = both.slice(0, -rootBytes);
    this.#root = both.slice(-rootBytes);
  }

  #of(table: string): TableSecrets {
    if (this.#secret === undefined) throw fault('internal', 'this process has no key');
    const seed = hashLabelled('symbolon check rows of a table', this.#root, utf8(table));
    return { secret: this.#secret, seed };
  }
}

const contextOf = (table: string) => ({
  info: utf8('symbolon secrets of a table that moves'),
  aad: fromBase64url(table),
});

function unpacked(both: Uint8Array): TableSecrets {
  return { secret: both.slice(0, -rootBytes), seed: both.slice(-rootBytes) };
}

const nameOf = (key: string): string => `the key ${key} of encrypted tables`;
