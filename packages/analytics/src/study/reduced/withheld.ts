import type { MethodResult, Note } from '../../statistics/result.ts';

/** Says which sets of rows were withheld. */
export function withheldNote(names: readonly string[], minPatients: number): Note {
  const text = `suppressed, as fewer than ${minPatients} patients, of all parties or of one, stand behind it: ${names.join(', ')}`;
  return { code: 'suppressed', text, names };
}

/**
 * The result of a method to which withheld samples were given as empty: what it says of them as empty is replaced.
 * @param series the withheld samples, as the method names them
 */
export function withWithheld<R extends MethodResult>(result: R, series: readonly string[], minPatients: number): R {
  if (series.length === 0) return result;
  const notes = result.notes.flatMap((note): Note[] => {
    if (note.code !== 'empty' || note.names === undefined) return [note];
    const names = note.names.filter((name) => !series.includes(name));
    return names.length === 0 ? [] : [{ ...note, text: `fewer than two values: ${names.join(', ')}`, names }];
  });
  return { ...result, notes: [...notes, withheldNote(series, minPatients)] };
}

/** A method of which nothing can be said, as these sets of rows were withheld. */
export function nothing(
  method: string,
  estimates: readonly string[],
  names: readonly string[],
  minPatients: number,
): MethodResult {
  const none = { value: null, scale: 'identity', standardError: null, interval: null, n: 0, test: null } as const;
  return {
    method,
    n: 0,
    estimates: estimates.map((name) => ({ name, ...none })),
    tests: [],
    notes: [withheldNote(names, minPatients)],
  };
}
