import { createCipheriv, createDecipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  base64url,
  concat,
  fault,
  fromBase64url,
  hashLabelled,
  type Rng,
  type SymbolonError,
  sha256,
  utf8,
} from '@symbolon/crypto';
import { makeDurably, privateFile, writeDurably } from '@symbolon/service/files';

// What belongs to a table of features and is told to nobody: whose rows they are, and their scores. AES-256-GCM under a key that follows from the seed of
// the table's check rows, a line for each part of some patients; so whoever has no open key of the table reads nothing of it.

const [nonceBytes, tagBytes] = [12, 16];
/** Of one line: with the longest ids (256 characters) far below what an answer of the API may have. */
export const patientsOfPart = 10_000;

/** The file of the patients of a table, in the order of its rows. */
export const patientsFile = 'patients';
/** The file of the scores of a run. */
export const scoresFile = (run: number): string => `scores-${run}`;

/** Where such files of a table are. @param home folder of the organisation @param table its id at the server, base64url */
export function ownFolder(home: string, table: string): string {
  return join(home, 'seal', 'tables', table);
}

/** Files that only an open key of their table reads. Runs at: the owner, in processes that have the key. */
export class OwnFiles {
  readonly #folder: string;
  readonly #key: Uint8Array;

  /** @param seed of the table's check rows */
  constructor(folder: string, seed: Uint8Array) {
    this.#folder = folder;
    this.#key = hashLabelled('symbolon files of a table of features', seed);
  }

  /** Durable when it returns. @param values one a patient, in the order of rows @returns hash of the file, base64url */
  write(name: string, values: readonly (string | number)[], rng: Rng): string {
    const parts = Math.ceil(values.length / patientsOfPart);
    const lines = Array.from({ length: parts }, (_, part) => {
      const some = values.slice(part * patientsOfPart, (part + 1) * patientsOfPart);
      const nonce = rng(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(placeOf(name, part, parts));
      return base64url(concat(nonce, cipher.update(JSON.stringify(some)), cipher.final(), cipher.getAuthTag()));
    });
    const text = `${lines.join('\n')}\n`;
    makeDurably(this.#folder);
    writeDurably(join(this.#folder, name), text, privateFile, rng);
    return hashOf(text);
  }

  /**
   * Some of the values, and how many parts there are. Throws `not-found`, and `config-invalid` for what was altered.
   * @param kept hash of the file, where it is known
   */
  part<Value extends string | number>(
    name: string,
    part: number,
    kept?: string,
  ): { readonly values: Value[]; readonly parts: number } {
    const file = join(this.#folder, name);
    const text = textOf(file);
    if (kept !== undefined && hashOf(text) !== kept) throw altered(file);
    const lines = text.trimEnd().split('\n');
    const line = lines[part];
    if (line === undefined) throw fault('not-found', `there is no part ${part} of ${lines.length}`);
    try {
      const sealed = fromBase64url(line);
      const decipher = createDecipheriv('aes-256-gcm', this.#key, sealed.subarray(0, nonceBytes))
        .setAAD(placeOf(name, part, lines.length))
        .setAuthTag(sealed.subarray(-tagBytes));
      const text = Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()]);
      return { values: JSON.parse(text.toString('utf8')) as Value[], parts: lines.length };
    } catch {
      throw altered(file);
    }
  }

  /** All values. Throws as {@link part}. */
  all<Value extends string | number>(name: string): Value[] {
    const first = this.part<Value>(name, 0);
    const rest = Array.from({ length: first.parts - 1 }, (_, i) => this.part<Value>(name, i + 1).values);
    return [first.values, ...rest].flat();
  }
}

const placeOf = (name: string, part: number, parts: number): Uint8Array => utf8(`${name} ${part} of ${parts}`);

const hashOf = (text: string): string => base64url(sha256(utf8(text)));

function altered(file: string): SymbolonError {
  return fault('config-invalid', `${file} is not what was written there`, {
    culprit: file,
    hint: 'Restore the file from your backup of this folder.',
  });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw fault('config-invalid', `${file} is missing`, {
      culprit: file,
      hint: 'Restore the file from your backup of this folder.',
    });
  }
}
