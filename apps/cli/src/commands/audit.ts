import { readFileSync } from 'node:fs';
import { parseVerifierKeys } from '@symbolon/ledger';
import { verifyLogFolder, verifyProofFile } from '@symbolon/service';
import type { Leaf } from '../command.ts';
import { counted, facts, number, type Outcome, table, type Ui, UsageError } from '../ui.ts';
import { verifyHome } from '../verify-log.ts';

interface Options {
  checkpoint?: string[];
  log?: string;
  proof?: string;
  trust?: string;
}

/** `symbolon audit verify`. */
export const verify: Leaf<Options> = {
  name: 'verify',
  summary: 'verify the whole log: every entry, every root, the statement of every run',
  description:
    'Verifies the whole log of this organisation or key service, all its epochs: every entry against its event, every root against what\n' +
    'was signed over it, the statement of every run against the signatures of its parties. A partner who was shown a checkpoint\n' +
    'may give it to you: then it shows whether the log has been rewritten since. With --log or --proof it verifies what somebody exported,\n' +
    'from the files and the keys that you trust alone: no folder of an organisation is needed.',
  examples: [
    'symbolon audit verify',
    'symbolon audit verify --checkpoint from-sally.note',
    'symbolon audit verify --log statistics-log --trust trusted-keys',
    'symbolon audit verify --proof entry-12.tlog-proof --trust trusted-keys',
  ],
  options: (command) =>
    command
      .option('--checkpoint <file...>', 'signed checkpoints of this log that others hold')
      .option('--log <folder>', 'verify what `symbolon audit export` wrote')
      .option('--proof <file>', 'verify what `symbolon audit prove` wrote')
      .option('--trust <file>', 'keys that you trust, one a line, as `symbolon audit keys` prints them'),
  run: async ({ ui, home }, _, { checkpoint = [], log, proof, trust }) => {
    if (log !== undefined || proof !== undefined) return verifyFiles(ui, { log, proof, trust });
    if (trust !== undefined) throw new UsageError('--trust goes with --log or --proof');
    const report = await verifyHome(
      home,
      checkpoint.map((file) => readFileSync(file, 'utf8')),
    );
    const { ok, epoch, entries, root, erased, earlier, statements, unwitnessed, faults } = report;
    say(ui, ok, faults, 'Keep a copy of this folder as evidence, and tell all privacy officers.');
    const rows: [string, string][] = [
      ['entries', number(entries)],
      ['root', root ?? 'none: the entries do not fit'],
      ['statements', counted(statements, 'run')],
    ];
    if (epoch > 1) rows.unshift(['epoch', String(epoch)]);
    for (const one of earlier) {
      rows.push([`epoch ${one.epoch}`, `${number(one.entries)} entries, ended by \`symbolon store recover\``]);
    }
    if (erased.length > 0) rows.push(['erased', `${counted(erased.length, 'event')}: ${erased.join(', ')}`]);
    for (const { run, witnesses } of unwitnessed)
      rows.push([`run ${run}`, `not yet witnessed by ${witnesses.join(', ')}`]);
    return { json: report, text: facts(rows), exitCode: ok ? 0 : 1 };
  },
};

type FileOptions = { readonly [Name in 'log' | 'proof' | 'trust']: string | undefined };

async function verifyFiles(ui: Ui, { log, proof, trust }: FileOptions): Promise<Outcome> {
  if (log !== undefined && proof !== undefined) throw new UsageError('--log and --proof do not go together');
  if (trust === undefined) {
    throw new UsageError(
      'nobody is trusted',
      'Name a file of keys with --trust. Get them from the partners themselves, as `symbolon audit keys` prints them, not from the log.',
    );
  }
  const keys = parseVerifierKeys(readFileSync(trust, 'utf8'));
  const verdict = log === undefined ? verifyProofFile(proof!, keys) : await verifyLogFolder(log, keys);
  const { ok, origin, size, cosignatures, faults } = verdict;
  say(ui, ok, faults, 'Keep a copy of these files as evidence, and tell all privacy officers.');
  const rows: [string, string][] = [['log', origin]];
  if ('index' in verdict) rows.push(['entry', `${number(verdict.index)} of ${number(size)}`], ['event', verdict.event]);
  else rows.push(['entries', number(size)], ['events', number(verdict.events)]);
  const seen = cosignatures.map((one) => [one.witness, number(one.size), one.at]);
  const witnesses =
    seen.length === 0 ? 'No witness that is trusted has cosigned it.' : table(['witness', 'entries', 'at'], seen);
  return { json: verdict, text: `${facts(rows)}\n\n${witnesses}`, exitCode: ok ? 0 : 1 };
}

function say(ui: Ui, ok: boolean, faults: readonly string[], advice: string): void {
  for (const fault of faults) ui.say(`${ui.talk.red('✘')} ${fault}`);
  ui.say(ok ? `${ui.talk.green('✔')} The log is sound.` : advice);
}
