import {
  Checks,
  type ColumnSpec,
  encodeChunk,
  type FeatureColumn,
  featuresOfRow,
  layOut,
  layOutScores,
  moveChunk,
  type Row,
  recordForms,
  ScoreChecks,
  ScoreCipher,
  type SeededCiphertext,
  SlotCipher,
  type TableKind,
} from '@symbolon/fhe/sealing';

/** How the columns of a table are encrypted: exactly, for totals, or as features, for scores. */
export type TableForm =
  | { readonly kind: 'exact'; readonly specs: readonly ColumnSpec[] }
  | { readonly kind: 'features'; readonly features: readonly FeatureColumn[] };

/** What tables of one key and table share with nobody: SEAL's secret key, and the seed of the table's check rows. */
export interface TableSecrets {
  readonly secret: Uint8Array;
  readonly seed: Uint8Array;
}

/** How long a table is, and how wide. */
export interface Shape {
  readonly kind: TableKind;
  readonly columns: number;
  /** Ciphertexts of a column. */
  readonly chunks: number;
  readonly rowsOfChunk: number;
}

/** Rows of a table to its ciphertexts, as they are stored. Runs at: the owner. */
export interface Sealer extends Shape {
  /** @param rows of a chunk. Throws `table-layout` */
  encrypt(chunk: number, rows: readonly Row[]): Uint8Array[];
  close(): void;
}

/** Ciphertexts of a table under one key to those under another. Runs at: the owner of both. */
export interface Mover extends Shape {
  /** @param records of all columns of a chunk, known by their owner's signature */
  move(chunk: number, records: readonly Uint8Array[]): Uint8Array[];
  close(): void;
}

interface Cipher<Slots> {
  encrypt(slots: Slots): SeededCiphertext;
  decrypt(text: SeededCiphertext): Slots;
  close(): void;
}

/** What encrypting and moving need of a form. */
interface Steps<Slots, CheckRows> {
  readonly shape: Shape;
  cipher(secret: Uint8Array): Promise<Cipher<Slots>>;
  checks(seed: Uint8Array): CheckRows;
  encode(checks: CheckRows, chunk: number, rows: readonly Row[]): Slots[];
  move(checks: { from: CheckRows; to: CheckRows }, chunk: number, slots: readonly Slots[]): Slots[];
}

function exact(specs: readonly ColumnSpec[], rows: number): Steps<Int32Array, Checks> {
  const layout = layOut(specs, rows);
  const { columns, chunks, rowsOfChunk } = layout;
  return {
    shape: { kind: 'exact', columns: columns.length, chunks, rowsOfChunk },
    cipher: (secret) => SlotCipher.open({ secret }),
    checks: (seed) => new Checks(layout, seed),
    encode: (checks, chunk, some) => encodeChunk(layout, checks, chunk, some, chunk * rowsOfChunk),
    move: (checks, chunk, slots) => moveChunk(layout, checks, chunk, slots),
  };
}

function scored(features: readonly FeatureColumn[], rows: number): Steps<Float64Array, ScoreChecks> {
  const layout = layOutScores(features, rows);
  const { chunks, rowsOfChunk } = layout;
  return {
    shape: { kind: 'features', columns: features.length, chunks, rowsOfChunk },
    cipher: (secret) => ScoreCipher.open(secret),
    checks: (seed) => new ScoreChecks(layout, seed),
    encode: (checks, chunk, some) => {
      const patients = some.map((row) => featuresOfRow(features, row));
      return checks.encode(chunk, patients, chunk * rowsOfChunk);
    },
    move: ({ from, to }, chunk, slots) => to.move(from, chunk, slots),
  };
}

export function shapeOf(form: TableForm, rows: number): Shape {
  return form.kind === 'exact' ? exact(form.specs, rows).shape : scored(form.features, rows).shape;
}

export function openSealer(form: TableForm, rows: number, secrets: TableSecrets): Promise<Sealer> {
  return form.kind === 'exact'
    ? sealing(exact(form.specs, rows), secrets)
    : sealing(scored(form.features, rows), secrets);
}

export function openMover(form: TableForm, rows: number, from: TableSecrets, to: TableSecrets): Promise<Mover> {
  return form.kind === 'exact'
    ? moving(exact(form.specs, rows), from, to)
    : moving(scored(form.features, rows), from, to);
}

async function sealing<Slots, CheckRows>(
  { shape, ...steps }: Steps<Slots, CheckRows>,
  { secret, seed }: TableSecrets,
): Promise<Sealer> {
  const cipher = await steps.cipher(secret);
  const checks = steps.checks(seed);
  const { write } = recordForms[shape.kind];
  return {
    ...shape,
    encrypt: (chunk, rows) => steps.encode(checks, chunk, rows).map((slots) => write(cipher.encrypt(slots))),
    close: () => cipher.close(),
  };
}

async function moving<Slots, CheckRows>(
  { shape, ...steps }: Steps<Slots, CheckRows>,
  from: TableSecrets,
  to: TableSecrets,
): Promise<Mover> {
  const [old, fresh] = [await steps.cipher(from.secret), await steps.cipher(to.secret)];
  const checks = { from: steps.checks(from.seed), to: steps.checks(to.seed) };
  const { read, write } = recordForms[shape.kind];
  return {
    ...shape,
    move: (chunk, records) => {
      const slots = records.map((record) => old.decrypt(read(record)));
      return steps.move(checks, chunk, slots).map((own) => write(fresh.encrypt(own)));
    },
    close: () => {
      old.close();
      fresh.close();
    },
  };
}
