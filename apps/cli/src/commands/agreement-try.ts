import { sourceOf } from '../agreement-source.ts';
import type { Leaf } from '../command.ts';
import { withView } from '../organisation.ts';
import { readPairs } from '../pairs-file.ts';
import { table } from '../ui.ts';
import { checkFile } from './agreement-file.ts';

const marks = { ok: '✔', warning: '!', fault: '✘' } as const;

/** `symbolon agreement check`. */
export const check: Leaf<object> = {
  name: 'check <agreement>',
  summary: 'what to know before signing: members, rule, blocking, result, term, and whether your own table fits',
  description:
    'Of an agreement that is kept here, looks at members, rule, blocking, result, term, and whether your own table fits. Of a file that\n' +
    'says an agreement, in YAML or JSON, prints every problem with its line, and what to do.',
  examples: ['symbolon agreement check 3kQx9a', 'symbolon agreement check agreement.yaml'],
  served: true,
  run: async ({ ui, at }, [hash]) => {
    const source = sourceOf(hash!);
    if (source !== undefined) return checkFile(hash!, source);
    const report = await withView(at, ({ agreements }) => agreements.check(hash!));
    const { findings, explanation, ok } = report;
    const lines = findings.flatMap(({ state, check: what, text, hint }) => [
      `${marks[state]} ${what.padEnd(10)}  ${text}`,
      ...(state === 'ok' || hint === undefined ? [] : [`  ${''.padEnd(10)}  do: ${hint}`]),
    ]);
    ui.say(ok ? 'Nothing stands against it.' : 'It cannot be run as it is.');
    return { json: report, text: [...lines, '', ...explanation].join('\n'), exitCode: ok ? 0 : 1 };
  },
};

/** `symbolon agreement try`. */
export const tryRule: Leaf<{ pairs: string }> = {
  name: 'try <agreement>',
  summary: 'run the rule on example pairs, in the clear',
  description:
    'Runs the rule of an agreement on example pairs, in the clear, the way a link would: for both sides to look at before they sign.\n' +
    'Use invented records. FILE is CSV with columns a.NAME and b.NAME, or NDJSON with {"a": {…}, "b": {…}} on each line.',
  examples: ['symbolon agreement try 3kQx9a --pairs examples.csv'],
  options: (command) => command.requiredOption('--pairs <file>', 'the example pairs'),
  served: true,
  run: async ({ at }, [hash], { pairs: file }) => {
    const pairs = await readPairs(file);
    const rows = await withView(at, ({ agreements }) => agreements.tryRule(hash!, pairs));
    const keyed = rows.some(({ blocking }) => blocking.length > 0);
    const lines = rows.map(({ verdict, comparisons, blocking, values }, i) => [
      i + 1,
      ...Object.values(values.a).map(text),
      ...Object.values(values.b).map(text),
      verdict ? 'match' : '–',
      numbered(
        'C',
        comparisons.map(({ holds }) => holds === true),
      ),
      ...(keyed
        ? [
            numbered(
              'K',
              blocking.map(({ agrees }) => agrees),
            ) || 'none',
          ]
        : []),
    ]);
    const [first] = rows;
    const head = first === undefined ? [] : [...Object.keys(first.values.a), ...Object.keys(first.values.b)];
    const legend = [
      ...(first?.comparisons.map(({ text: what }, at) => `C${at + 1}  ${what}`) ?? []),
      ...(first?.blocking.map(({ text: what }, at) => `K${at + 1}  ${what}`) ?? []),
      'In a link nobody learns which of these held, only the verdict.',
      ...(keyed ? ['A pair that no key brings together is not compared: if it is a match, it is missed.'] : []),
    ];
    const columns = ['', ...head, 'verdict', 'holds', ...(keyed ? ['keys'] : [])];
    return { json: rows, text: `${table(columns, lines)}\n\n${legend.join('\n')}` };
  },
};

/** C1 C3: the numbers, from 1, of what is true. */
function numbered(letter: string, values: readonly boolean[]): string {
  return values.flatMap((value, i) => (value ? [`${letter}${i + 1}`] : [])).join(' ');
}

function text(value: string | null): string {
  return value ?? '(none)';
}
