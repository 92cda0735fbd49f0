import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { base64url, hex, systemRng } from '@symbolon/crypto';
import { openDatabase } from '@symbolon/service';
import { expect, onTestFinished, test } from 'vitest';
import { type Network, network, openBoth, settled } from './network.ts';

const main = join(import.meta.dirname, '../src/main.ts');

/** The key service as a process of its own; resolves when it says that it is ready. */
async function start({
  keysHome,
}: Network): Promise<{ process: ChildProcess; stderr(): string; ended: Promise<number | null> }> {
  const child = spawn(process.execPath, [main, keysHome.path], { stdio: ['ignore', 'ignore', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stderr = '';
  const ended = new Promise<number | null>((done) => child.once('exit', done));
  await new Promise<void>((ready, failed) => {
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      if (stderr.includes('"msg":"ready"')) ready();
    });
    void ended.then(() => failed(new Error(stderr)));
  });
  return { process: child, stderr: () => stderr, ended };
}

test('a session is on disk when its seeds arrive, though the process is killed at once; the next run works', async () => {
  const net = await network();
  await net.stop();
  const first = await start(net);
  const [a] = await openBoth(net);
  first.process.kill('SIGKILL');
  await first.ended;
  const database = await openDatabase(net.keysHome);
  const issued = await database.selectFrom('issued_session').select('id').execute();
  const logged = await database.selectFrom('log_entry').select('event').execute();
  await database.destroy();
  expect(issued).toEqual([{ id: settled(a).session }]);
  expect(Buffer.from(logged[0]!.event!).toString()).toContain(settled(a).session);

  const second = await start(net);
  const attempt = base64url(systemRng(32));
  const [b] = await openBoth(net, [{ attempt }, { attempt }]);
  expect(hex(settled(b).seeds[0]!)).not.toBe(hex(settled(a).seeds[0]!));
  await expect(start(net)).rejects.toThrow(/is running for .* already/);
  second.process.kill('SIGTERM');
  expect(await second.ended).toBe(0);
  expect(second.stderr()).not.toContain(base64url(settled(b).seeds[0]!));
});
