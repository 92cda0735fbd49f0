// Run as a process of its own: a party that kills itself, as SIGKILL does, before it runs its n-th statement that writes or commits, counted from
// when its parent says n.
import { DatabaseSync } from 'node:sqlite';
import { startParty } from '../src/index.ts';
import { quiet } from './network.ts';

const [homePath] = process.argv.slice(2) as [string];
let left = Number.POSITIVE_INFINITY;
process.on('message', (statements) => {
  left = Number(statements);
  process.send!('armed');
});
const prepare = DatabaseSync.prototype.prepare;
DatabaseSync.prototype.prepare = function (this: DatabaseSync, sql: string) {
  const statement = prepare.call(this, sql);
  const run = statement.run.bind(statement) as (...values: unknown[]) => ReturnType<typeof statement.run>;
  statement.run = ((...values: unknown[]) => {
    if (left-- <= 0) process.kill(process.pid, 'SIGKILL');
    return run(...values);
  }) as typeof statement.run;
  return statement;
};
await startParty({ homePath, logger: quiet });
process.send!('ready');
