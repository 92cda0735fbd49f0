import { readdirSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import {
  type CertificateTrust,
  type CertificateVerdict,
  certificateDer,
  certificateTrust,
  checkCertificate,
  fault,
  SymbolonError,
} from '@symbolon/crypto';
import type { Home } from '@symbolon/service';
import { z } from 'zod';

/** Whose certificates of cards a server believes, in its settings. */
export const authoritySettings = z.strictObject({
  /**
   * Folder with the certificates of authorities (`.pem`, `.crt`, `.cer`, `.der`) and their revocation lists (`.crl`), in the server's folder unless absolute. What
   * is put there counts from the next certificate on: let something fetch the lists.
   */
  folder: z.string().min(1).max(1000),
  /** How long a revocation list is believed after the next one was due, in hours. */
  graceHours: z
    .int()
    .min(0)
    .max(24 * 31)
    .default(24),
});
/** See {@link authoritySettings}. */
export type AuthoritySettings = z.output<typeof authoritySettings>;

const longestFile = 64 << 20;

/** Authorities and revocation lists in a folder, read again when something in it has changed. */
export class Authorities {
  readonly #folder: string;
  readonly #grace: number;
  readonly #now: () => Date;
  #seen = '';
  #trust: CertificateTrust | undefined;

  /** Reads them; throws `config-invalid` naming the file that cannot be read, or the folder if it has no authority. */
  constructor(home: Pick<Home, 'path'>, { folder, graceHours }: AuthoritySettings, now: () => Date) {
    this.#folder = isAbsolute(folder) ? folder : join(home.path, folder);
    this.#grace = graceHours * 3_600_000;
    this.#now = now;
    this.#read();
  }

  /** What a certificate and those above it (DER) are worth now. Throws what `checkCertificate` throws, and `config-invalid`. */
  check(chain: readonly Uint8Array[], use: 'sign' | 'open'): CertificateVerdict {
    return checkCertificate(chain, this.#read(), { now: this.#now().getTime(), grace: this.#grace, use });
  }

  #read(): CertificateTrust {
    const files = this.#files();
    const seen = files.map(({ name, mtimeMs, size }) => `${name} ${mtimeMs} ${size}`).join('\n');
    if (this.#trust !== undefined && seen === this.#seen) return this.#trust;
    const of = (kinds: RegExp) => files.filter(({ name }) => kinds.test(name)).map(({ name }) => this.#der(name));
    const authorities = of(/\.(pem|crt|cer|der)$/i);
    if (authorities.length === 0) {
      throw fault('config-invalid', `${this.#folder} has no certificate of an authority`, {
        culprit: this.#folder,
        hint: 'Put the certificates of the authorities that issue these cards there, and their revocation lists.',
      });
    }
    try {
      this.#trust = certificateTrust({ authorities, lists: of(/\.crl$/i) });
    } catch (error) {
      if (!(error instanceof SymbolonError)) throw error;
      throw fault('config-invalid', `${this.#folder}: ${error.message} (${error.culprit})`, { culprit: this.#folder });
    }
    this.#seen = seen;
    return this.#trust;
  }

  #files(): { name: string; mtimeMs: number; size: number }[] {
    try {
      return readdirSync(this.#folder)
        .filter((name) => /\.(pem|crt|cer|der|crl)$/i.test(name))
        .sort()
        .map((name) => {
          const { mtimeMs, size } = statSync(join(this.#folder, name));
          return { name, mtimeMs, size };
        });
    } catch (error) {
      throw fault('config-invalid', `${this.#folder} cannot be read`, { culprit: this.#folder, cause: error });
    }
  }

  /** A file in DER, which is PEM where it begins so. */
  #der(name: string): Uint8Array {
    const path = join(this.#folder, name);
    if (statSync(path).size > longestFile) throw fault('config-invalid', `${path} is too long`, { culprit: path });
    const bytes = readFileSync(path);
    if (!bytes.subarray(0, 11).equals(Buffer.from('-----BEGIN '))) return new Uint8Array(bytes);
    const text = bytes.toString('latin1');
    const list = /^-----BEGIN X509 CRL-----([\w+/=\s]+)-----END X509 CRL-----\s*$/.exec(text)?.[1];
    if (list !== undefined) return new Uint8Array(Buffer.from(list, 'base64'));
    try {
      return certificateDer(text);
    } catch (error) {
      throw fault('config-invalid', `${path} is neither a certificate nor a revocation list`, {
        culprit: path,
        cause: error,
      });
    }
  }
}
