import { type ChildProcess, fork } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unwrapSecret } from '@symbolon/service';
import { expect, onTestFinished, test } from 'vitest';
import { keyForms } from '../../compute/test/key-forms.ts';
import { childrenOf, foundInMemory } from '../../compute/test/memory.ts';
import * as api from '../src/api/outsource.ts';
import { answered, approved, ended, sealPatients } from './sealed-calls.ts';
import { passphrase, type SealedNetwork, sealedNetwork } from './sealed-network.ts';

const known = 'The hospital';

test("an open key's secret is in its own process and never in the server's memory; locking ends that process, and what it does", async ({
  skip,
}) => {
  const network = await sealedNetwork();
  onTestFinished(() => network.close());
  const agreement = await network.agree();
  await network.start('cloud');
  const server = await served(network);
  const client = network.client();
  const { id: key } = await client.call(api.makeSealKey, { body: { agreement, passphrase } });
  const needles = await secretsOf(network);
  const secrets = [...needles.keys()].filter((name) => name !== known);
  const kept = secrets.filter((name) => name.startsWith('as SEAL keeps it') || name.startsWith('root'));
  expect(kept).toHaveLength(6);
  const look = () => {
    const [holder, ...others] = childrenOf(server.pid!);
    expect(others).toEqual([]);
    const [inServer, inHolder] = [foundInMemory(server.pid!, needles), foundInMemory(holder!, needles)];
    if (inServer === undefined || inHolder === undefined) skip('the memory of other processes cannot be read here');
    expect([...inServer!]).toEqual([known]);
    expect(kept.filter((name) => !inHolder!.has(name))).toEqual([]);
    return holder!;
  };

  await sealPatients(client, agreement, key);
  const question = await approved(client, agreement, 'SELECT treated, COUNT(*) FROM patients GROUP BY treated');
  expect(await answered(client, question)).toMatchObject({ recomputed: 'same' });
  const holder = look();

  // A question does not wait for an encryption.
  const body = { agreement, name: 'patients', key, cuts: {} };
  const beside = ended(client, client.call(api.encryptTable, { body }));
  expect(await answered(client, question)).toMatchObject({ recomputed: 'same' });
  await beside;

  const encrypting = ended(client, client.call(api.encryptTable, { body }));
  const stopped = expect(encrypting).rejects.toMatchObject({ code: 'seal-key' });
  await until(() => childrenOf(holder).length === 1);
  await client.call(api.lockSealKey, { params: { key } });
  await stopped;
  await until(() => childrenOf(server.pid!).length === 0);
  expect([...foundInMemory(server.pid!, needles)!]).toEqual([known]);
  expect((await client.call(api.listSealKeys, { query: {} })).items).toMatchObject([{ id: key, open: false }]);

  await client.call(api.unlockSealKey, { params: { key }, body: { passphrase } });
  expect(look()).not.toBe(holder);
});

/** The hospital's server, as a process. */
async function served({ homes }: SealedNetwork): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, 'dying-gateway.ts'), [homes.hospital.path, 'nothing', 'before'], {
    execArgv: [],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await new Promise((resolve) => child.once('message', resolve));
  return child;
}

/** What to search for: forms of the secret key, the root of check rows, and a name that the server knows. */
async function secretsOf({ homes }: SealedNetwork): Promise<Map<string, Buffer>> {
  const folder = join(homes.hospital.path, 'seal');
  const text = readFileSync(join(folder, readdirSync(folder).find((file) => file.endsWith('.key'))!), 'utf8');
  const both = await unwrapSecret(text, (JSON.parse(text) as { name: string }).name, passphrase);
  const forms = Object.entries(keyForms({ secret: both.slice(0, -32), evaluation: new Uint8Array() }));
  return new Map([
    ...forms.map(([name, form]) => [name, Buffer.from(form, 'base64url')] as const),
    ['root of the check rows', Buffer.from(both.slice(-32))],
    [known, Buffer.from(known)],
  ]);
}

async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 60_000; !holds(); await new Promise((resolve) => setTimeout(resolve, 10))) {
    if (Date.now() > end) throw new Error('it does not come to that');
  }
}
