import { useEffect, useState } from 'react';

/** A study as it is written in the console. Parameters are texts; lists have commas. */
export interface Draft {
  readonly name: string;
  readonly title: string;
  readonly note: string;
  readonly method: string;
  readonly sql: string;
  readonly to: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
}

/** Parameters of each method, beside `level`; docs/studies.md says what they mean. */
export const parametersOf: Readonly<Record<string, readonly string[]>> = {
  describe: ['quantiles'],
  histogram: ['edges', 'width'],
  't-test': ['variances', 'groups'],
  survival: ['at', 'scale'],
  'logistic-regression': ['iterations'],
};
const lists: ReadonlySet<string> = new Set(['quantiles', 'edges', 'groups', 'at']);

/** The study as a file (docs/studies.md): what others read and approve. @param agreement its hash */
export function fileOf(draft: Draft, agreement: string): string {
  const { name, title, note, method, sql, to, parameters } = draft;
  const known = ['level', ...(parametersOf[method] ?? [])];
  const given = known.flatMap((field) => {
    const text = parameters[field]?.trim() ?? '';
    return text === '' ? [] : [`  ${field}: ${lists.has(field) ? listOf(text) : JSON.stringify(text)}`];
  });
  return [
    `name: ${JSON.stringify(name.trim())}`,
    `title: ${JSON.stringify(title.trim())}`,
    `agreement: ${JSON.stringify(agreement)}`,
    ...(method === 'select' ? [] : [`method: ${method}`]),
    ...textOf('sql', sql),
    ...(method === 'select' || given.length === 0 ? [] : ['parameters:', ...given]),
    `to: [${to.join(', ')}]`,
    ...(note.trim() === '' ? [] : textOf('note', note)),
    '',
  ].join('\n');
}

function listOf(text: string): string {
  return `[${text
    .split(',')
    .map((part) => JSON.stringify(part.trim()))
    .join(', ')}]`;
}

/** Of several lines as a block, which reads best. */
function textOf(field: string, text: string): string[] {
  const whole = text.trim();
  const plain = /^[^\p{C}]*$/u.test(whole.replaceAll('\n', '')) && whole !== '';
  return plain
    ? [`${field}: |`, ...whole.split('\n').map((line) => (line.trim() === '' ? '' : `  ${line.trimEnd()}`))]
    : [`${field}: ${JSON.stringify(whole)}`];
}

/**
 * What is written, kept in the part of the address that never leaves the browser: it survives a reload, and a colleague who gets the address.
 */
export function useDraft(initial: Draft): [Draft, (changed: Partial<Draft>) => void] {
  const [draft, setDraft] = useState<Draft>(() => ({ ...initial, ...read() }));
  useEffect(() => {
    const timer = setTimeout(() => {
      history.replaceState(history.state, '', `${location.pathname}#${encodeURIComponent(JSON.stringify(draft))}`);
    }, 400);
    return () => clearTimeout(timer);
  }, [draft]);
  return [draft, (changed) => setDraft((before) => ({ ...before, ...changed }))];
}

function read(): Partial<Draft> {
  try {
    const found: unknown = JSON.parse(decodeURIComponent(location.hash.slice(1)));
    if (typeof found !== 'object' || found === null) return {};
    const { name, title, note, method, sql, to, parameters } = found as Record<string, unknown>;
    return {
      ...only({ name, title, note, method, sql }, (value) => typeof value === 'string'),
      ...only({ to }, (value) => Array.isArray(value) && value.every((id) => typeof id === 'string')),
      ...only(
        { parameters },
        (value) =>
          typeof value === 'object' && value !== null && Object.values(value).every((text) => typeof text === 'string'),
      ),
    };
  } catch {
    return {};
  }
}

function only(fields: Record<string, unknown>, fits: (value: unknown) => boolean): Partial<Draft> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => fits(value)));
}
