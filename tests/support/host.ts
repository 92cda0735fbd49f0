// A process that runs one `symbolon` command after the other, as tests ask for hundreds of them: each has arguments, folder, environment and
// output of its own, and must leave nothing that would keep a process of its own from ending.
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '@symbolon/cli';
import type { Asked, Ran } from './hosted.ts';

const patience = 10_000;

process.on('message', (asked: Asked) => void answer(asked).then((ran) => process.send!(ran)));
process.once('disconnect', () => process.exit());
process.send!('ready');

async function answer({ folder, args, env }: Asked): Promise<Ran> {
  process.chdir(folder);
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  const [stdout, stderr] = [capture(process.stdout), capture(process.stderr)];
  const before = process.getActiveResourcesInfo();
  try {
    const code = await run(args);
    const left = await leftOver(before);
    if (left.length > 0) process.stderr.write(`the command has ended, and this keeps its process: ${left}\n`);
    return { code: left.length > 0 ? null : code, stdout: stdout.text, stderr: stderr.text };
  } finally {
    stdout.end();
    stderr.end();
  }
}

/** What a command holds that it did not find, once it had the time to let go. */
async function leftOver(before: readonly string[]): Promise<string[]> {
  const deadline = Date.now() + patience;
  for (;;) {
    const left = process.getActiveResourcesInfo();
    for (const known of before) if (left.includes(known)) left.splice(left.indexOf(known), 1);
    if (left.length === 0 || Date.now() > deadline) return left;
    await sleep(2);
  }
}

/** Keeps what is written to a stream. */
function capture(stream: NodeJS.WriteStream): { readonly text: string; end(): void } {
  const write = stream.write;
  const kept = {
    text: '',
    end: () => {
      stream.write = write;
    },
  };
  stream.write = ((chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    kept.text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    const done = rest.at(-1);
    if (typeof done === 'function') done();
    return true;
  }) as typeof write;
  return kept;
}
