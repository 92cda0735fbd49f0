import { existsSync, readFileSync } from 'node:fs';
import type { Leaf } from '../command.ts';
import { withView } from '../organisation.ts';
import { facts, UsageError } from '../ui.ts';

interface Options {
  agreement: string;
  set: string[];
}

/** `symbolon study ask`. */
export const ask: Leaf<Options> = {
  name: 'ask <study>',
  summary: 'ask what an agreement allows and does not list: a template with values, or a free study',
  description:
    'STUDY is the name of a template, with a value for each parameter, or a study file that the free studies of the agreement cover. It gets a\n' +
    'name that is the same at all parties; they know it from the first time that you run it, and approve it, where the agreement wants that.',
  served: true,
  examples: [
    'symbolon study ask cost-after-long-stays --agreement 3kQx9a --set days=7 --set since=2026-01-01',
    'symbolon study ask ages.yaml --agreement 3kQx9a',
  ],
  options: (command) =>
    command
      .requiredOption('--agreement <hash>', 'under which agreement')
      .option('--set <name=value>', 'the value of a parameter', (text: string, all: string[]) => [...all, text], []),
  run: async ({ ui, at }, [typed], { agreement, set }) => {
    const isFile = existsSync(typed!);
    if (isFile && set.length > 0) throw new UsageError('only a template has parameters; a study file says its values');
    const asked = isFile
      ? ({ kind: 'free', text: readFileSync(typed!, 'utf8') } as const)
      : ({ kind: 'template', template: typed!, values: valuesOf(set) } as const);
    const info = await withView(at, ({ studies }) => studies.ask(agreement, asked));
    const { name, title, to, runsLeft, approvals, approvalsNeeded } = info;
    const missing = approvals.length < approvalsNeeded;
    const afterwards = (): void =>
      ui.note(`Next: symbolon study ${missing ? 'approve' : 'run'} ${name} --agreement ${info.agreement.slice(0, 8)}`);
    const text = facts([
      ['study', name],
      ['agreement', title],
      ['result to', to.join(', ')],
      ['runs left', String(runsLeft)],
      ['approval', ['of nobody here', 'of one person here', 'of two people here'][approvalsNeeded]!],
    ]);
    return { json: info, text, afterwards };
  },
};

/** `days=7` → `{ days: '7' }` */
function valuesOf(set: readonly string[]): Record<string, string> {
  const entries = set.map((text) => {
    const at = text.indexOf('=');
    if (at > 0) return [text.slice(0, at), text.slice(at + 1)] as const;
    throw new UsageError(`a value is set as name=value, not ${text}`);
  });
  const values = Object.fromEntries(entries);
  if (Object.keys(values).length < entries.length) throw new UsageError('a parameter is set twice');
  return values;
}
