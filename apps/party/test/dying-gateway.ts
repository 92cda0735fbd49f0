// Run as a process of its own: a party that kills itself, as SIGKILL does, before or after it logs an event of this kind.
import { Log } from '@symbolon/ledger';
import { startParty } from '../src/index.ts';
import { quiet } from './network.ts';

const [homePath, kind, when] = process.argv.slice(2) as [string, string, 'before' | 'after'];
const prototype: { append: (event: { kind: string }, ...rest: unknown[]) => Promise<number> } = Log.prototype as never;
const { append } = prototype;
prototype.append = async function (this: unknown, event, ...rest) {
  if (event.kind === kind && when === 'before') process.kill(process.pid, 'SIGKILL');
  const index = await append.call(this as never, event, ...rest);
  if (event.kind === kind) process.kill(process.pid, 'SIGKILL');
  return index;
};
await startParty({ homePath, logger: quiet });
process.send!('ready');
