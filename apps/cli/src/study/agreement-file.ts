import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Agreement, Studies } from '@symbolon/agreement';
import { parseStudyFile, readYaml, type Study } from '@symbolon/analytics';
import { fault, SymbolonError } from '@symbolon/crypto';
import { z } from 'zod';
import { type Linkage, linkageOf, linkageSchema } from './linkage-file.ts';

/** What a file says of an agreement on studies; keys and certificates come with the parties' cards. */
export interface StudyTerms {
  readonly title: string;
  /** Ids. */
  readonly parties: readonly string[];
  readonly purpose?: Agreement['purpose'];
  readonly term: { readonly from: string; readonly until: string };
  readonly pads: 'expanded' | 'full';
  readonly studies: Studies;
  /** The link by whose pairs studies may join; absent where there is none. */
  readonly linkage?: Linkage;
}

// The file's values are texts; what is a number or a truth in an agreement is said here, and the agreement itself checks the rest.
const whole = z
  .string()
  .regex(/^\d{1,10}$/, 'must be a whole number')
  .transform(Number);
const yes = z.literal('true').transform(() => true as const);
const columns = z.record(
  z.string(),
  z.looseObject({ required: yes.exactOptional(), scale: whole.exactOptional(), maxLength: whole.exactOptional() }),
);
const termsSchema = z.strictObject({
  title: z.string(),
  parties: z.array(z.string()),
  term: z.strictObject({ from: z.string(), until: z.string() }),
  pads: z.enum(['expanded', 'full']).default('expanded'),
  minPatients: whole,
  allowEmptyParty: yes.exactOptional(),
  tables: z.record(
    z.string(),
    z.strictObject({
      /** A party, whose data set has the table's name; or `party: data set`. */
      holders: z.array(z.string()),
      maxRows: whole,
      patient: z.string(),
      onePerPatient: yes.exactOptional(),
      rowsPerPatient: whole.exactOptional(),
      columns,
    }),
  ),
  joins: z
    .array(z.looseObject({ linked: yes.exactOptional(), blocking: z.looseObject({ cap: whole }).exactOptional() }))
    .default([]),
  link: linkageSchema.exactOptional(),
  /** Study files, beside this one. */
  studies: z.array(z.string()),
  /** Runs that may open their result, of each study. */
  maxRuns: whole.default(12),
});

/** @throws SymbolonError `agreement-invalid`, naming file, line and field; `study-invalid` of a study file */
export function readAgreementFile(file: string): StudyTerms {
  const { value, lines } = readYaml(textOf(file));
  const result = termsSchema.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues as [z.core.$ZodIssue];
    const path = issue.path.filter((part) => typeof part === 'string').join('.');
    const line = lines.get(path);
    throw fault(
      'agreement-invalid',
      `${file}${line === undefined ? '' : `, line ${line}`}: ${path}: ${issue.message}`,
      {
        culprit: path,
      },
    );
  }
  const { title, parties, term, pads, tables, joins, studies, maxRuns, link, ...rest } = result.data;
  return {
    title,
    parties,
    term,
    pads,
    ...(link === undefined ? {} : { linkage: linkageOf(link) }),
    studies: {
      ...rest,
      tables: Object.fromEntries(
        Object.entries(tables).map(([name, { holders, ...table }]) => [
          name,
          { ...table, holders: holders.map((holder) => holderOf(holder, name)) },
        ]),
      ) as unknown as Studies['tables'],
      joins: joins as unknown as Studies['joins'],
      list: studies.map((path) => {
        const { text, study } = readStudyFile(join(dirname(file), path));
        return { name: study.name, text, to: study.to, maxRuns };
      }),
    },
  };
}

/** A study file. @throws SymbolonError `study-invalid`, naming file, line and field */
export function readStudyFile(file: string): {
  readonly text: string;
  readonly study: Study;
  readonly agreement: string;
} {
  const text = textOf(file);
  try {
    const study = parseStudyFile(text);
    return { text, study, agreement: resolve(dirname(file), study.agreement) };
  } catch (error) {
    if (!(error instanceof SymbolonError)) throw error;
    throw fault(error.code, `${file}: ${error.message}`, { culprit: error.culprit ?? file, hint: error.hint });
  }
}

function holderOf(text: string, table: string): { party: string; dataset: string } {
  const [party, dataset = table] = text.split(/: */) as [string, string?];
  return { party, dataset };
}

/** Throws `not-found`. */
export function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw fault('not-found', `${file} cannot be read`, { culprit: file, hint: 'Check the path.', cause: error });
  }
}
