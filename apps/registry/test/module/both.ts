import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHome, createLogger, type Home, openDatabase, type Running } from '@symbolon/service';
import { expect, onTestFinished, vi } from 'vitest';
import { startCentre } from '../../src/index.ts';
import * as api from '../../src/module/api/contracts.ts';
import { ModuleNetwork } from './network.ts';

const groups = ['general', 'psychiatry'];
const logger = createLogger({ id: 'test', logLevel: 'silent' });
const now = () => new Date();

/** A module and the central server that it tells; the server is not there until it is started. */
export async function both() {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-registry-'));
  const centre = await createHome({
    ...{ path: join(folder, 'the-centre'), id: 'centre', name: 'Centre', role: 'centre' as const },
    ...{ host: '127.0.0.1', port: 0, now, settings: { modules: [{ id: 'hips', groups }] } },
  });
  const network = await ModuleNetwork.open({ groups }, { folder, centre });
  centre.partners.add(network.homes.hips.cardFile);
  const authorities = join(centre.path, 'authorities', 'physicians');
  mkdirSync(authorities, { recursive: true });
  writeFileSync(join(authorities, 'root.der'), network.physicians.certificate);
  const start = async (): Promise<Running> => {
    const running = await startCentre({ homePath: centre.path, logger });
    onTestFinished(() => running.close());
    return running;
  };
  return { network, centre, start };
}

export async function read<T>(
  home: Home,
  work: (database: Awaited<ReturnType<typeof openDatabase>>) => Promise<T>,
): Promise<T> {
  const database = await openDatabase(home);
  return work(database).finally(() => database.destroy());
}

/** All that the module has to tell was taken. */
export const told = (network: ModuleNetwork) =>
  vi.waitFor(async () => expect((await network.admin.call(api.getRegistryModule, {})).notices).toEqual([]));
