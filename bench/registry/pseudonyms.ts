import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRng } from '@symbolon/crypto';
import { startOprf } from '@symbolon/registry';
import { createHome, createLogger, peerClient } from '@symbolon/service';
import { namedPerson, type PersonField } from '../../apps/registry/src/module/identities/person.ts';
import type { PseudonymMaker } from '../../apps/registry/src/module/pseudonyms/maker.ts';
import { evaluatorAt, oprfMaker } from '../../apps/registry/src/module/pseudonyms/oprf.ts';
import { saltedMaker } from '../../apps/registry/src/module/pseudonyms/salted.ts';
import { type Row, rowAtLeast } from '../row.ts';

const batch = 1000;

const fields: PersonField[] = [
  { field: 'lastName', as: 'name', required: true },
  { field: 'firstName', as: 'name', required: true },
  { field: 'birthDate', as: 'date', required: true },
];

/** Batches of people to pseudonyms. Of the OPRF, both ends are in this one process, and over TLS: the figure is for one core that does the work of both. */
export async function run(): Promise<Row[]> {
  const salted = saltedMaker('module', systemRng(32));
  const hashed = await measured('pseudonyms by salted hash, a second of one core', salted, 20, 2000);
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-bench-'));
  const make = (id: string, role: 'module' | 'oprf', settings = {}) =>
    createHome({
      ...{ path: join(folder, id), id, name: id, role, host: '127.0.0.1', port: 0, now: () => new Date() },
      settings,
    });
  const most = 1_000_000;
  const oprf = await make('oprf', 'oprf', { module: 'module', maxPerMinute: most, maxPerDay: most });
  const module = await make('module', 'module');
  oprf.partners.add(module.cardFile);
  module.partners.add(oprf.cardFile);
  const running = await startOprf({ homePath: oprf.path, logger: createLogger({ id: 'oprf', logLevel: 'silent' }) });
  const client = peerClient({ home: module, partner: oprf.card });
  try {
    const maker = oprfMaker({ module: 'module', key: '1', server: evaluatorAt(client), rng: systemRng });
    const what = 'pseudonyms by OPRF, a second of one core for module and key holder together';
    return [hashed, await measured(what, maker, 5, 400)];
  } finally {
    await client.close();
    await running.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measured(what: string, maker: PseudonymMaker, batches: number, least: number): Promise<Row> {
  const before = process.cpuUsage();
  for (let i = 0; i < batches; i++) {
    const texts = Array.from({ length: batch }, (_, j) => {
      const birthDate = `19${20 + (j % 80)}-0${1 + (i % 9)}-12`;
      return namedPerson(fields, { lastName: `Müller-${i} ${j}`, firstName: 'Änne', birthDate }).text;
    });
    await maker.make(texts);
  }
  const { user, system } = process.cpuUsage(before);
  return rowAtLeast('registry', what, batches * batch, (batches * batch * 1e6) / (user + system), '/s', least);
}
