import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createHome, createLogger, type Home } from '../src/index.ts';

export const now = () => new Date();
export const quiet = createLogger({ id: 'test', logLevel: 'silent' });

/** A folder that is gone when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A home on loopback with a free port. */
export function testHome(
  id: string,
  role: 'party' | 'keyservice' | 'module' = 'party',
  folder = temporaryFolder(),
): Promise<Home> {
  return createHome({ path: join(folder, id), id, name: `The ${id}`, role, host: '127.0.0.1', port: 0, now });
}

/** Two homes that know each other. */
export async function testPartners(a: string, b: string): Promise<[Home, Home]> {
  const [left, right] = [await testHome(a), await testHome(b)];
  left.partners.add(right.cardFile);
  right.partners.add(left.cardFile);
  return [left, right];
}
