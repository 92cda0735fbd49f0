import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeApi } from '../src/describe.ts';
import * as registry from '../src/index.ts';

describe.each(['module', 'centre'] as const)('the API of a %s', (role) => {
  test('is described by docs/openapi-*.json (vitest run -u rewrites it)', async () => {
    const file = join(import.meta.dirname, `../../../docs/openapi-${role}.json`);
    await expect(`${JSON.stringify(describeApi(role), null, 1)}\n`).toMatchFileSnapshot(file);
  });

  test('has every contract under its own name, by which pages ask', () => {
    const contracts = Object.entries<unknown>(role === 'module' ? registry.moduleApi : registry.centreApi);
    for (const [name, contract] of contracts) {
      if (typeof contract === 'object' && contract !== null && 'path' in contract && 'name' in contract)
        expect(contract.name).toBe(name);
    }
  });
});
