import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { type SQLConfig, SQLDialect, type SQLNamespace } from '@codemirror/lang-sql';
import { texts } from '../../../texts/index.ts';
import type { Terms } from '../agreed.ts';
import { typeOf } from '../ask/columns.tsx';

const words = texts.studies.editor;

/** The words of SQL that studies know; what else DuckDB knows is refused. */
export const dialect = SQLDialect.define({
  keywords:
    'select from join using on where group by having order limit as and or not in is null between like case when then else end filter distinct asc desc cast true false inner',
  types: 'integer bigint decimal varchar boolean date',
  builtin: Object.keys(words.functions).join(' '),
  caseInsensitiveIdentifiers: true,
});

/** Tables and columns for completion, with type, range and use. */
export function namesOf(tables: Terms['tables']): Pick<SQLConfig, 'schema'> {
  const schema: Record<string, SQLNamespace> = {};
  for (const [table, { holders, columns }] of Object.entries(tables)) {
    schema[table] = {
      self: { label: table, type: 'class', detail: words.heldBy(holders.map(({ party }) => party).join(', ')) },
      children: Object.entries(columns)
        .filter(([, { policy }]) => policy !== 'hidden')
        .map(([name, column]) => ({
          label: name,
          type: 'property',
          detail: typeOf(column),
          info: words.policies[column.policy]!,
        })),
    };
  }
  return { schema };
}

/** Columns of all tables, and the functions that studies know. */
export function wordsOf(tables: Terms['tables']): (context: CompletionContext) => CompletionResult | null {
  const columns = Object.entries(tables).flatMap(([table, of]) =>
    Object.entries(of.columns)
      .filter(([, { policy }]) => policy !== 'hidden')
      .map(
        ([name, column]): Completion => ({
          label: `${table}.${name}`,
          type: 'property',
          detail: typeOf(column),
          info: words.policies[column.policy]!,
          boost: 2,
        }),
      ),
  );
  const functions = Object.entries(words.functions).map(
    ([label, [written, gives]]): Completion => ({
      label,
      displayLabel: written,
      apply: written,
      detail: gives,
      type: 'function',
    }),
  );
  const options = [...columns, ...functions];
  return (context) => {
    const word = context.matchBefore(/\w+/);
    if ((word === null && !context.explicit) || context.matchBefore(/\.\w*/) !== null) return null;
    return { from: word?.from ?? context.pos, options, validFor: /^\w*$/ };
  };
}
