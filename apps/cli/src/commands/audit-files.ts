import { writeFileSync } from 'node:fs';
import { verifierKey } from '@symbolon/ledger';
import { servedLog } from '@symbolon/party';
import { type Disclosed, exportLog, logKeys, logOrigin, openHome, proveEntry, writeBundle } from '@symbolon/service';
import type { Leaf } from '../command.ts';
import { isServed } from '../organisation.ts';
import { withServer } from '../server.ts';
import { counted, number, table, UsageError } from '../ui.ts';
import { withArchive } from '../verify-log.ts';

const count = (text: string): number => {
  if (!/^(0|[1-9]\d{0,14})$/.test(text)) throw new UsageError(`${text} is not the number of an entry`);
  return Number(text);
};

/** `symbolon audit export`. */
export const exportFiles: Leaf<{ out?: string; events?: string; epoch?: string }> = {
  name: 'export',
  summary: 'write the log as files that anybody can verify',
  description:
    'Writes the log into a new folder: checkpoint, cosignatures, and as tiles (C2SP tlog-tiles) the salted hashes of all events. The events\n' +
    'themselves stay here unless you ask for some: what they say then is in the folder, with the salts that show that they belong to it.',
  examples: [
    'symbolon audit export --out statistics-log',
    'symbolon audit export --out statistics-log --events 12,15',
    'symbolon audit export --out statistics-log --events all',
  ],
  options: (command) =>
    command
      .requiredOption('--out <folder>', 'a folder that does not exist yet')
      .option('--events <numbers>', 'events to disclose: numbers of entries with commas between them, or all')
      .option('--epoch <number>', 'an epoch that was ended; else the newest'),
  served: true,
  run: async ({ ui, home, at }, _, { out, events, epoch }) => {
    const disclose: Disclosed = events === undefined ? [] : events === 'all' ? events : events.split(',').map(count);
    const wanted = epoch === undefined ? undefined : count(epoch);
    const done = isServed(at)
      ? await withServer(at.home, at, async (client) => writeBundle(await servedLog(client, disclose, wanted), out!))
      : await withArchive(home, (archive) => exportLog(archive, out!, disclose), wanted);
    const { entries, disclosed, witnesses } = done;
    ui.say(`${ui.talk.green('✔')} ${number(entries)} entries in ${out}, ${counted(disclosed, 'event')} disclosed.`);
    const rows = witnesses.map(({ witness, size }) => [witness, number(size)]);
    return {
      json: { ...done, folder: out },
      text: rows.length === 0 ? 'No witness has cosigned it yet.' : table(['witness', 'has cosigned'], rows),
    };
  },
};

/** `symbolon audit prove`. */
export const prove: Leaf<{ out?: string; epoch?: string }> = {
  name: 'prove <entry>',
  summary: 'write a file that proves one entry of the log',
  description:
    'The file holds the event, its salt, the path from its entry to a root, and the checkpoint of that root with its cosignatures\n' +
    '(C2SP tlog-proof). Of other events it says nothing.',
  examples: ['symbolon audit prove 12 --out entry-12.tlog-proof'],
  options: (command) =>
    command
      .requiredOption('--out <file>', 'a file that does not exist yet')
      .option('--epoch <number>', 'an epoch that was ended; else the newest'),
  run: async ({ ui, home }, [entry], { out, epoch }) => {
    const index = count(entry!);
    const proof = await withArchive(home, (archive) => proveEntry(archive, index), epoch && count(epoch));
    writeFileSync(out!, proof, { mode: 0o600, flag: 'wx' });
    ui.say(`${ui.talk.green('✔')} ${out} proves entry ${index}.`);
    return { json: { entry: index, file: out } };
  },
};

/** `symbolon audit keys`. */
export const keys: Leaf<object> = {
  name: 'keys',
  summary: 'print the keys that logs are verified with',
  description:
    "One line each: the key of this organisation's log, then its key and those of its partners as witnesses. Give them to an auditor over a\n" +
    'channel that both trust.',
  examples: ['symbolon audit keys > trusted-keys'],
  run: async ({ home: path }) => {
    const home = openHome(path);
    const lines = logKeys(home, logOrigin(home.card.id)).map(verifierKey);
    return { json: lines, text: lines.join('\n') };
  },
};
