import { fault, nearest } from '@symbolon/crypto';
import type { z } from 'zod';
import { draftAgreement } from '../agreement.ts';
import { type Frozen, freeze, keyNames } from '../fields.ts';
import { type BrokenRule, brokenRules } from '../rules.ts';
import type { Agreement, Member } from '../schema.ts';
import { checkAgreement } from '../whole-rules.ts';
import { agreementFileSchema } from './schema.ts';
import { knownFields, knownValues } from './shapes.ts';
import { type Problem, readSource, type Source } from './source.ts';

type Issue = z.core.$ZodIssue;

/** An agreement as somebody has written it: its members may be ids. */
export type WrittenAgreement = Frozen<z.output<typeof agreementFileSchema>>;

/** What was read of a file. */
export interface Reading {
  readonly problems: readonly Problem[];
  /** Absent where shapes are wrong; not to be used where there are problems. */
  readonly written?: WrittenAgreement;
  readonly place: Source['place'];
}

/**
 * Reads an agreement that somebody has written, with everything that is wrong with it, each with its place, in the order of the file. Rules
 * across fields are looked at where all fields have the right shape, unknown ones aside. What SQL says is for others to read.
 */
export function readWritten(source: string, format: 'yaml' | 'json'): Reading {
  const file = readSource(source, format);
  const { value, problems: unread, place } = file;
  if (value === undefined) return { problems: unread, place };
  const result = agreementFileSchema.safeParse(value);
  const issues = result.success ? [] : result.error.issues.flatMap(innermost);
  // Of a field one thing is said: more follows from it.
  const said = new Set(unread.map(({ field }) => field));
  const shapes = issues
    .flatMap((issue) => shapeProblems(issue, value, file))
    .filter(({ field }) => !said.has(field) && said.add(field));
  const written = result.success ? result.data : withoutUnknown(value, issues);
  const rules = written === undefined ? [] : brokenRules((must) => checkAgreement(must, standIns(written)));
  const all = [...unread, ...shapes, ...rules.map((broken) => ruleProblem(broken, file))];
  all.sort((one, other) => one.line - other.line || one.column - other.column);
  return { problems: all, place, ...(written === undefined ? {} : { written: freeze(written) as WrittenAgreement }) };
}

/** See {@link readWritten}. */
export function problems(source: string, format: 'yaml' | 'json'): readonly Problem[] {
  return readWritten(source, format).problems;
}

/**
 * The agreement that somebody has written.
 * @param memberOf the organisation with an id, where the file names it by that alone
 * @throws SymbolonError `agreement-invalid` with the first of {@link problems}
 */
export function readAgreement(source: string, format: 'yaml' | 'json', memberOf: (id: string) => Member): Agreement {
  const { problems: found, written } = readWritten(source, format);
  const [first] = found;
  if (first !== undefined) {
    const { line, field, rule, hint } = first;
    const message = `line ${line}: ${field === '' ? 'the agreement' : field}: ${rule}`;
    throw fault('agreement-invalid', message, { culprit: field, hint });
  }
  const { parties, keyService, ...terms } = written!;
  const known = (member: Member | string): Member => (typeof member === 'string' ? memberOf(member) : member);
  return draftAgreement({ ...terms, parties: parties.map(known), keyService: known(keyService) } as Agreement);
}

/** The terms where nothing but unknown fields was wrong: so what else is wrong shows too. */
function withoutUnknown(value: unknown, issues: readonly Issue[]): z.output<typeof agreementFileSchema> | undefined {
  if (!issues.every(({ code }) => code === 'unrecognized_keys')) return undefined;
  const copy = structuredClone(value);
  for (const issue of issues) {
    const at = issue.path.reduce<unknown>((node, name) => (node as Record<PropertyKey, unknown>)[name], copy);
    if (issue.code === 'unrecognized_keys') for (const key of issue.keys) delete (at as Record<string, unknown>)[key];
  }
  const result = agreementFileSchema.safeParse(copy);
  return result.success ? result.data : undefined;
}

/** Rules compare members' names and keys, which an id does not say. */
function standIns(terms: WrittenAgreement): Agreement {
  const whole = (member: Member | string): Member => {
    if (typeof member !== 'string') return member;
    const keys = Object.fromEntries(keyNames.map((key) => [key, `${member} ${key}`]));
    return { id: member, name: `id ${member}`, ...keys } as Member;
  };
  return { ...terms, parties: terms.parties.map(whole), keyService: whole(terms.keyService) };
}

/** Of a value that has several shapes, what is wrong with the one that was meant: of its kind, where the fewest things are wrong. */
function innermost(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const isOther = ({ code, path }: Issue): boolean => path.length === 0 && code !== 'unrecognized_keys';
  const fitting = issue.errors.filter((option) => !option.some(isOther));
  const [meant] = (fitting.length > 0 ? fitting : issue.errors).toSorted((one, other) => one.length - other.length);
  return meant!.flatMap((one) => innermost({ ...one, path: [...issue.path, ...one.path] }));
}

// More are told once these are corrected.
const mostUnknown = 100;

function shapeProblems(issue: Issue, root: unknown, { place }: Source): Problem[] {
  const field = issue.path.map(String).join('.');
  if (issue.code !== 'unrecognized_keys') {
    const at = issue.code === 'invalid_key' ? 'name' : 'value';
    return [{ ...place(field, at), field, ...wordsOf(issue, root) }];
  }
  const known = knownFields(issue.path, root);
  return issue.keys.slice(0, mostUnknown).map((key) => {
    const own = field === '' ? key : `${field}.${key}`;
    const near = nearest(key, known);
    const hint = near === undefined ? `Known here are ${known.join(', ')}.` : `Did you mean ${near}?`;
    return { ...place(own, 'name'), field: own, rule: 'is not known here', hint };
  });
}

function wordsOf(issue: Issue, root: unknown): { rule: string; hint: string } {
  if (issue.code === 'invalid_key') {
    return { rule: issue.issues[0]?.message ?? issue.message, hint: 'Give it another name.' };
  }
  const value = issue.path.reduce<unknown>(
    (node, name) => (node as Record<PropertyKey, unknown> | undefined)?.[name],
    root,
  );
  if (value === undefined) return { rule: 'is missing', hint: `Add it${listed(issue, root)}.` };
  if (issue.code === 'invalid_type') {
    const rule = `must be ${kinds[issue.expected] ?? issue.expected}`;
    const text = issue.expected === 'string' && ['number', 'boolean'].includes(typeof value);
    return { rule, hint: text ? `Write it in quotes: "${value}"` : `Correct it${listed(issue, root)}.` };
  }
  if (issue.code === 'invalid_value' || issue.code === 'invalid_union') {
    const choices = issue.code === 'invalid_value' ? issue.values.map(String) : knownValues(issue.path, root);
    const near = typeof value === 'string' ? nearest(value, choices) : undefined;
    return {
      rule:
        choices.length === 0 ? issue.message : `must be ${choices.length === 1 ? '' : 'one of '}${choices.join(', ')}`,
      hint: near === undefined ? 'Choose one.' : `Did you mean ${near}?`,
    };
  }
  if (issue.code === 'too_small' || issue.code === 'too_big') return { rule: sizeWords(issue), hint: 'Correct it.' };
  return { rule: issue.message, hint: 'Correct it.' };
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'fields',
  record: 'fields',
  array: 'a list',
  tuple: 'a list of two',
};

function listed(issue: Issue, root: unknown): string {
  const choices = knownValues(issue.path, root);
  return choices.length === 0 ? '' : `: ${choices.join(', ')}`;
}

function sizeWords(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const [bound, word] = issue.code === 'too_small' ? [issue.minimum, 'at least'] : [issue.maximum, 'at most'];
  if (bound === 1 && issue.code === 'too_small' && ['string', 'array'].includes(issue.origin))
    return 'must not be empty';
  const what = { string: 'characters', array: 'entries' }[issue.origin as string] ?? '';
  if (what === '') return `must not be ${issue.code === 'too_small' ? 'less' : 'more'} than ${bound}`;
  return `must have ${word} ${bound} ${what}`;
}

function ruleProblem({ field, rule }: BrokenRule, { place }: Source): Problem {
  const own = field === 'agreement' ? '' : field;
  return { ...place(own), field: own, rule, hint: 'Change one of the fields that contradict each other.' };
}
