import { createCipheriv, createDecipheriv } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { base64url, concat, fault, fromBase64url, hashLabelled, type Rng, utf8 } from '@symbolon/crypto';
import { privateFile, privateFolder, writeDurably } from '@symbolon/service/files';

// What belongs to a table of features and is told to nobody: whose rows they are, and their scores. AES-256-GCM under a key that follows from the seed of
// the table's check rows, a line for each part of some patients; so whoever has no open key of the table reads nothing of it.

const [nonceBytes, tagBytes] = [12, 16];
/** Of one line. */
const patientsOfPart = 50_000;

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

  /** Durable when it returns. @param values one a patient, in the order of rows */
  write(name: string, values: readonly (string | number)[], rng: Rng): void {
    const parts = Math.ceil(values.length / patientsOfPart);
    const lines = Array.from({ length: parts }, (_, part) => {
      const some = values.slice(part * patientsOfPart, (part + 1) * patientsOfPart);
      const nonce = rng(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(placeOf(name, part, parts));
      return base64url(concat(nonce, cipher.update(JSON.stringify(some)), cipher.final(), cipher.getAuthTag()));
    });
    mkdirSync(this.#folder, { recursive: true, mode: privateFolder });
    writeDurably(join(this.#folder, name), `${lines.join('\n')}\n`, privateFile, rng);
  }

  /** Some of the values, and how many parts there are. Throws `not-found`, and `config-invalid` for what was altered. */
  part<Value extends string | number>(
    name: string,
    part: number,
  ): { readonly values: Value[]; readonly parts: number } {
    const file = join(this.#folder, name);
    const lines = linesOf(file);
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
      throw fault('config-invalid', `${file} is not what was written there`, {
        culprit: file,
        hint: 'Restore the file from your backup of this folder.',
      });
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

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n');
  } catch {
    throw fault('config-invalid', `${file} is missing`, {
      culprit: file,
      hint: 'Restore the file from your backup of this folder.',
    });
  }
}
