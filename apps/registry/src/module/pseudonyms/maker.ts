/** Makes pseudonyms with one key. */
export interface PseudonymMaker {
  /** Pseudonyms of texts, 32 bytes each, in their order, and what the key makes of one fixed input: another key would say something else. */
  make(texts: readonly string[]): Promise<{ pseudonyms: Uint8Array[]; check: Uint8Array }>;
}

/** What is hashed of a person: two modules never give linkable pseudonyms, not even where somebody gave both one key. */
export function inputOf(module: string, text: string): string {
  return `${module.length}:${module}\n${text}`;
}

/** Texts whose pseudonyms are made without pause: a server answers others in between. */
const atOnce = 32;

/** `make` of each item, with pauses in which others have their turn. */
export async function withPauses<Item, Made>(
  items: readonly Item[],
  make: (item: Item, i: number) => Made,
): Promise<Made[]> {
  const made: Made[] = [];
  for (const [i, item] of items.entries()) {
    if (i > 0 && i % atOnce === 0) await new Promise((resolve) => setImmediate(resolve));
    made.push(make(item, i));
  }
  return made;
}

/** See `OprfMaker`. */
export interface Evaluator {
  /** Blinded elements, evaluated with a key of that name, in their order. */
  evaluate(key: string, elements: readonly Uint8Array[]): Promise<Uint8Array[]>;
}
