// A process that appends to the log in the database named on its command line until it is killed. It prints the number of each entry once
// that is acknowledged; every entry has a state change of its own.
import { writeSync } from 'node:fs';
import { systemRng } from '@symbolon/crypto';
import { Log } from '@symbolon/ledger';
import { DatabaseLogStore, openDatabaseFile } from '../src/index.ts';

const database = await openDatabaseFile(process.argv[2]!, 'party');
const log = await Log.open('symbolon/fred', new DatabaseLogStore(database));
/** Another run of this program has other names. */
const start = log.size;
const caller = async (name: number): Promise<void> => {
  for (let n = 0; ; n++) {
    const origin = `${start}-${name}-${n}`;
    const index = await log.append({ kind: 'test', origin }, systemRng(32), async (transaction, size) => {
      await transaction.insertInto('checkpoint').values({ origin, size, note: '' }).execute();
    });
    writeSync(1, `${index} ${origin}\n`);
  }
};
await Promise.all(Array.from({ length: 32 }, (_, name) => caller(name)));
