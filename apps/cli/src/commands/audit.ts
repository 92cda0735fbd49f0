import { readFileSync } from 'node:fs';
import type { Leaf } from '../command.ts';
import { counted, facts, number } from '../ui.ts';
import { verifyHome } from '../verify-log.ts';

/** `symbolon audit verify`. */
export const verify: Leaf<{ checkpoint?: string[] }> = {
  name: 'verify',
  summary: 'verify the whole log: every entry, every root, the statement of every run',
  description:
    'Verifies the whole log of this organisation or key service, all its epochs: every entry against its event, every root against what\n' +
    'was signed over it, the statement of every run against the signatures of its parties. A partner who was shown a checkpoint\n' +
    'may give it to you: then it shows whether the log has been rewritten since.',
  examples: ['symbolon audit verify', 'symbolon audit verify --checkpoint from-sally.note'],
  options: (command) => command.option('--checkpoint <file...>', 'signed checkpoints of this log that others hold'),
  run: async ({ ui, home }, _, { checkpoint = [] }) => {
    const report = await verifyHome(
      home,
      checkpoint.map((file) => readFileSync(file, 'utf8')),
    );
    const { ok, epoch, entries, root, erased, earlier, statements, faults } = report;
    for (const fault of faults) ui.say(`${ui.talk.red('✘')} ${fault}`);
    ui.say(
      ok
        ? `${ui.talk.green('✔')} The log is sound.`
        : 'Keep a copy of this folder as evidence, and tell all privacy officers.',
    );
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
    return { json: report, text: facts(rows), exitCode: ok ? 0 : 1 };
  },
};
