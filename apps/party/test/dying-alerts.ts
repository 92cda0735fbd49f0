// Run as a process of its own: a party that kills itself, as SIGKILL does, at a step of an alert's way.
import { QueryCreator } from 'kysely';
import { AlertReceiver } from '../src/alerts/receive.ts';
import { startParty } from '../src/index.ts';
import { quiet } from './network.ts';

// A request came; half of it is written; all of it is durable; its answer came.
type Step = 'asked' | 'keeping' | 'kept' | 'answered';
const [homePath, step] = process.argv.slice(2) as [string, Step];
const die = (): never => {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('it is dead');
};

const { receive } = AlertReceiver.prototype;
AlertReceiver.prototype.receive = async function (this: AlertReceiver, ...asked) {
  if (step === 'asked') die();
  const results = await receive.apply(this, asked);
  return step === 'kept' ? die() : results;
};
let written = 0;
const { insertInto, updateTable } = QueryCreator.prototype;
QueryCreator.prototype.insertInto = function (this: never, table: never) {
  if (step === 'keeping' && table === 'alert_inbox' && ++written === 2) die();
  return insertInto.call(this, table);
} as never;
QueryCreator.prototype.updateTable = function (this: never, table: never) {
  if (step === 'answered' && table === 'alert_outbox') die();
  return updateTable.call(this, table);
} as never;
await startParty({ homePath, logger: quiet });
process.send!('ready');
