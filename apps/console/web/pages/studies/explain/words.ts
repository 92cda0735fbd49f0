import type { Explanation } from '../agreed.ts';

/** A sentence, and the list below it. */
export type Said = Explanation['words'][number];

/** What the picture says of a study. */
export interface Sketch {
  /** What a house computes of its own rows alone, by its id. */
  readonly local: Readonly<Record<string, readonly string[]>>;
  readonly joins: boolean;
  readonly filters: boolean;
  readonly mixes: boolean;
  /** What opens, and under which condition. */
  readonly opens: readonly string[];
  readonly unless: string | undefined;
  readonly all: readonly Said[];
}

export function sketchOf({ words, parties }: Pick<Explanation, 'words' | 'parties'>): Sketch {
  const about = (topic: Said['about']): Said[] => words.filter((said) => said.about === topic);
  const itemsOf = (said: readonly Said[]): string[] => said.flatMap(({ items }) => items);
  return {
    local: Object.fromEntries(parties.map((id) => [id, itemsOf(about('local').filter(({ by }) => by.includes(id)))])),
    joins: about('join').length > 0,
    filters: about('where').length > 0,
    mixes: about('inside').length > 0,
    opens: itemsOf(about('opened')),
    unless: about('unless')[0]?.text,
    all: words.filter((said) => said.about !== 'study'),
  };
}
