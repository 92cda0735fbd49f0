import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSigningKey, insecureTestRng, systemRng } from '@symbolon/crypto';
import { Checks, type ColumnSpec, generateKeys, keyIdOf, layOut, signManifest } from '@symbolon/fhe';
import { ComputeServer, type Sealed } from '@symbolon/party';
import { createHome, createLogger, type Home, openHome, type Running } from '@symbolon/service';
import { startCompute } from '../src/index.ts';

/** Two hospitals and a compute server that know each other. */
export interface Network {
  readonly folder: string;
  readonly north: Home;
  readonly south: Home;
  readonly compute: Home;
  /** A hospital's way to the server. */
  client(of: Home): ComputeServer;
  /** Starts the server again, as after a crash. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Their folders; each has the cards of the others. */
export async function makeHomes(
  settings: Record<string, number> = {},
): Promise<Pick<Network, 'folder' | 'north' | 'south' | 'compute'>> {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-compute-'));
  const now = () => new Date();
  const make = (id: string, role: 'party' | 'compute') =>
    createHome({
      path: join(folder, id),
      id,
      name: `The ${id}`,
      role,
      host: '127.0.0.1',
      port: 0,
      database: 'embedded',
      now,
      ...(role === 'compute' ? { settings } : {}),
    });
  const [north, south, compute] = [
    await make('north', 'party'),
    await make('south', 'party'),
    await make('compute', 'compute'),
  ];
  for (const party of [north, south]) {
    party.partners.add(compute.cardFile);
    compute.partners.add(party.cardFile);
  }
  return { folder, north, south, compute };
}

export async function makeNetwork(settings: Record<string, number> = {}): Promise<Network> {
  const homes = await makeHomes(settings);
  const { folder, compute } = homes;
  const logger = createLogger({ id: 'compute', logLevel: 'silent' });
  const start = () => startCompute({ homePath: compute.path, logger });
  let running: Running = await start();
  const clients: ComputeServer[] = [];
  return {
    ...homes,
    client(of) {
      const client = new ComputeServer(openHome(of.path), compute.card);
      clients.push(client);
      return client;
    },
    async restart() {
      await running.close();
      running = await start();
    },
    async close() {
      for (const client of clients) await client.close();
      await running.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Everything that an owner makes before it uploads. */
export async function seal(specs: readonly ColumnSpec[], rows: number, owner: Home): Promise<Sealed> {
  const layout = layOut(specs, rows);
  const checks = new Checks(layout, systemRng(32));
  const keys = await generateKeys();
  const of = { id: systemRng(16), owner: owner.card.id, name: 'patients', key: keyIdOf(keys.evaluation) };
  return { layout, checks, keys, manifest: signManifest(layout, of, owner.signingKey) };
}

/** A key that nobody knows. */
export const strangersKey = generateSigningKey(insecureTestRng('stranger'));
