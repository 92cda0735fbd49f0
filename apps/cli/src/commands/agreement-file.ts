import {
  agreementJsonSchema,
  difference,
  differenceText,
  type Problem,
  type Reading,
  readWritten,
} from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import { uncomputable } from '@symbolon/party';
import { type AgreementSource, agreementOf, sourceOf } from '../agreement-source.ts';
import { agreementText } from '../agreement-text.ts';
import type { Leaf } from '../command.ts';
import { withView } from '../organisation.ts';
import { counted, type Outcome } from '../ui.ts';

/** `symbolon agreement check FILE`: everything that is wrong with an agreement that somebody has written. */
export async function checkFile(file: string, source: AgreementSource): Promise<Outcome> {
  const reading = readWritten(source.text, source.format);
  const problems = reading.problems.length > 0 ? reading.problems : await inSql(reading);
  const lines = problems.flatMap(({ line, column, field, rule, hint }) => [
    `${file}:${line}:${column}  ${field === '' ? 'the agreement' : field} ${rule}`,
    `  do: ${hint}`,
  ]);
  const text = problems.length === 0 ? `${file} says an agreement that can be drafted.` : lines.join('\n');
  return { json: { file, ok: problems.length === 0, problems }, text, exitCode: problems.length === 0 ? 0 : 1 };
}

/** What stands against rules and studies, which are in SQL. */
async function inSql({ written, place }: Reading): Promise<Problem[]> {
  return (await uncomputable(written!)).map(({ field, fault: { message, hint } }) => ({
    ...place(field),
    field,
    rule: `cannot be computed: ${message}`,
    hint,
  }));
}

/** `symbolon agreement draft-file`. */
export const draftFile: Leaf<object> = {
  name: 'draft-file <file>',
  summary: 'draft an agreement from a file that says all of it',
  description:
    'Drafts an agreement from a file in YAML or JSON, with every section there is: docs/agreement-example.yaml is one. Members are\n' +
    'named by their ids; keys come from their cards.',
  examples: ['symbolon agreement draft-file agreement.yaml'],
  served: true,
  run: async ({ ui, at }, [file]) => {
    const source = sourceOf(file!);
    if (source === undefined)
      throw fault('not-found', `${file} cannot be read`, { culprit: file!, hint: 'Check the path.' });
    const shown = await withView(at, ({ agreements }) => agreements.draftText(source.text, source.format));
    const afterwards = (): void => ui.note(`Next: symbolon agreement sign ${shown.hash.slice(0, 8)}`);
    return { json: shown, text: agreementText(shown), afterwards };
  },
};

/** `symbolon agreement diff`. */
export const diff: Leaf<object> = {
  name: 'diff <before> <after>',
  summary: 'what one version of an agreement changes of another, in words',
  description: 'Each is a file that says an agreement, a signed one, or the hash of one that is kept here.',
  examples: ['symbolon agreement diff 3kQx9a new.yaml', 'symbolon agreement diff 3kQx9a b81LmQ'],
  run: async ({ ui, home }, [before, after]) => {
    const changes = difference(await agreementOf(before!, home), await agreementOf(after!, home));
    ui.say(
      changes.length === 0 ? 'They say the same.' : `${counted(changes.length, 'change')}: + new, − gone, ~ changed.`,
    );
    return { json: changes, text: differenceText(changes) };
  },
};

/** `symbolon agreement schema`. */
export const schema: Leaf<object> = {
  name: 'schema',
  summary: 'the JSON Schema of agreements, for editors and programs',
  examples: ['symbolon agreement schema > agreement.schema.json'],
  home: false,
  run: async () => {
    const json = agreementJsonSchema();
    return { json, text: JSON.stringify(json, null, 2) };
  },
};
