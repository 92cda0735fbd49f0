import type { WrittenAgreement } from '../file/problems.ts';
import { entities } from './entities.ts';

/** One change between two versions of an agreement. */
export interface Change {
  /** Where in the agreement, in a word or two. */
  readonly section: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** What is added, removed or changed, like `column patients.age`. */
  readonly what: string;
  /** Line by line: of what is added or removed what it says; of what is changed each field, before and after. */
  readonly lines: readonly string[];
}

/**
 * What a new version changes, in the order of the sections; the hash of the version that it replaces is no change. Of a member that one of
 * them names by its id alone, only that is compared.
 */
export function difference(before: WrittenAgreement, after: WrittenAgreement): Change[] {
  const bare = new Set([before, after].flatMap(idsAlone));
  const [old, now] = [entities(before, bare), entities(after, bare)];
  const changes: Change[] = [];
  for (const [key, { section, what, fields }] of old) {
    const next = now.get(key);
    if (next === undefined) changes.push({ section, kind: 'removed', what, lines: said(fields) });
    else {
      const lines = changed(fields, next.fields);
      if (lines.length > 0) changes.push({ section, kind: 'changed', what, lines });
    }
  }
  for (const [key, { section, what, fields }] of now) {
    if (!old.has(key)) changes.push({ section, kind: 'added', what, lines: said(fields) });
  }
  const order = [...new Set([...old.values(), ...now.values()].map(({ section }) => section))];
  return changes.sort((one, other) => order.indexOf(one.section) - order.indexOf(other.section));
}

function idsAlone({ parties, keyService }: WrittenAgreement): string[] {
  return [...parties, keyService].filter((member) => typeof member === 'string');
}

/** {@link difference} as text: sections, and below each what is new (+), gone (−) and changed (~). */
export function differenceText(changes: readonly Change[]): string {
  if (changes.length === 0) return 'Nothing changes.';
  const marks = { added: '+', removed: '−', changed: '~' };
  return [...Map.groupBy(changes, ({ section }) => section)]
    .map(([section, own]) =>
      [
        section,
        ...own.flatMap(({ kind, what, lines }) => [
          `  ${marks[kind]} ${what}`,
          ...lines.map((line) => `      ${line}`),
        ]),
      ].join('\n'),
    )
    .join('\n\n');
}

function said(fields: ReadonlyMap<string, string>): string[] {
  return [...fields].flatMap(([name, text]) => labelled(name, text.split('\n')));
}

function changed(old: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): string[] {
  const names = [...new Set([...old.keys(), ...now.keys()])];
  return names.flatMap((name) => {
    const [before, after] = [old.get(name), now.get(name)];
    if (before === after) return [];
    if ([before, after].some((text) => text?.includes('\n'))) return labelled(name, lineByLine(before, after));
    return [`${name}: ${before ?? '(not said)'} → ${after ?? '(not said)'}`];
  });
}

function labelled(name: string, lines: readonly string[]): string[] {
  return lines.length === 1 ? [`${name}: ${lines[0]}`] : [`${name}:`, ...lines.map((line) => `  ${line}`)];
}

/** The lines that differ, between those at the beginning and the end that do not. */
function lineByLine(before = '', after = ''): string[] {
  const [old, now] = [before.split('\n'), after.split('\n')];
  let head = 0;
  while (head < Math.min(old.length, now.length) && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < Math.min(old.length, now.length) - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const middle = (lines: readonly string[]): readonly string[] => lines.slice(head, lines.length - tail);
  return ['', ...middle(old).map((line) => `− ${line}`), ...middle(now).map((line) => `+ ${line}`)].slice(1);
}
