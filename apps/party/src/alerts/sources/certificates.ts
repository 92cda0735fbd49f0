import { readFileSync } from 'node:fs';
import type { SecureContextOptions } from 'node:tls';
import { fault } from '@symbolon/crypto';
import type { Home } from '@symbolon/service';

type Certificate = 'home' | { readonly certificate: string; readonly key: string };

/** What a listener shows to sources. Throws `config-invalid` naming the file. */
export function certificateOf(home: Pick<Home, 'tls'>, own: Certificate): SecureContextOptions {
  if (own === 'home') {
    const { certificate, key } = home.tls();
    return { cert: certificate, key, minVersion: 'TLSv1.2' };
  }
  return { cert: pem(own.certificate), key: pem(own.key), minVersion: 'TLSv1.2' };
}

/** A file of certificates or a key. Throws `config-invalid`. */
export function pem(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw fault('config-invalid', `${file} cannot be read`, { culprit: file, cause });
  }
}
