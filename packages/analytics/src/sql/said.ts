/** What a sentence about a study is about: so that pictures and reports need not read sentences. */
export const topics = [
  'study',
  'method',
  'rows',
  'join',
  'local',
  'inside',
  'where',
  'opened',
  'unless',
  'shown',
  'refused',
] as const;

/** A sentence, with the list that belongs to it. */
export interface Said {
  readonly about: (typeof topics)[number];
  /** Of `local`: ids of the parties that compute it, each of its own rows alone. Else empty. */
  readonly by: readonly string[];
  readonly text: string;
  readonly items: readonly string[];
}

export function said(
  about: Said['about'],
  text: string,
  items: readonly string[] = [],
  by: readonly string[] = [],
): Said {
  return { about, by, text, items };
}

/** As lines, lists further in. */
export function linesOf(all: readonly Said[]): string[] {
  return all.flatMap(({ text, items }) => [text, ...items.map((item) => `  ${item}`)]);
}
