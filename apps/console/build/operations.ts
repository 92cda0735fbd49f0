import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

const id = 'virtual:operations';

/** Method and path of each operation, as docs/openapi*.json say: all that a browser needs of a contract. @param files of the servers that show the console */
export function operations(files: readonly string[]): Plugin {
  return {
    name: 'operations',
    resolveId: (source) => (source === id ? `\0${id}` : undefined),
    load(source) {
      if (source !== `\0${id}`) return undefined;
      const table = files.flatMap((file) => {
        const { paths } = JSON.parse(readFileSync(file, 'utf8')) as {
          paths: Record<string, Record<string, { operationId: string }>>;
        };
        return Object.entries(paths).flatMap(([path, methods]) =>
          Object.entries(methods).map(([method, { operationId }]) => [operationId, [method.toUpperCase(), path]]),
        );
      });
      return `export const operations = ${JSON.stringify(Object.fromEntries(table))};`;
    },
  };
}
