import type { Plugin } from 'vite';

/**
 * The packages that verify a log run in a browser as they are. What they take from Node, and kernels that hash, stand in `web/verify`: hashes and
 * signatures, and no rule of the log.
 * @param at absolute path of a file in `web/verify`
 */
export function verification(at: (file: string) => string): Plugin {
  const instead: Readonly<Record<string, string>> = {
    '@symbolon/crypto': 'crypto.ts',
    '@symbolon/kernels': 'kernels.ts',
    'node:crypto': 'node-crypto.ts',
  };
  return {
    name: 'verification',
    enforce: 'pre',
    resolveId: (source) => (instead[source] === undefined ? undefined : at(instead[source])),
  };
}
