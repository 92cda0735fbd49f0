import { fault } from '@symbolon/crypto';
import { listReaders } from './open-card.ts';
import type { Token } from './requests.ts';

/** A card that is in a reader, and the driver that knows it. */
export interface FoundCard extends Token {
  readonly driver: string;
  readonly reader: string;
}

/** All cards in all readers of some drivers; readers that are empty are counted. Throws `card-driver`. */
export async function findCards(
  drivers: readonly string[],
  env?: NodeJS.ProcessEnv,
): Promise<{ cards: FoundCard[]; readers: number }> {
  const lists = await Promise.all(
    drivers.map(async (driver) => (await listReaders(driver, env)).map((one) => ({ ...one, driver }))),
  );
  const readers = lists.flat();
  const cards = readers.flatMap(({ driver, reader, card }) =>
    card === undefined ? [] : [{ ...card, driver, reader }],
  );
  return { cards, readers: readers.length };
}

/** Where two cards of one role are looked for: how to tell them apart, and what to say. */
export interface Wanted {
  /** In words: "the health professional's". */
  readonly whose: string;
  /** Part of label, serial number or reader; any card if undefined. */
  readonly words: string | undefined;
  /** Cards that are somebody else's. */
  readonly not?: readonly FoundCard[];
}

/** The one card that is meant. Throws `card-missing` where there is none, or more than one. */
export function chooseCard(cards: readonly FoundCard[], { whose, words, not = [] }: Wanted): FoundCard {
  const meant = cards.filter((card) => !not.includes(card) && (words === undefined || matches(card, words)));
  if (meant.length === 1) return meant[0]!;
  const named = words === undefined ? '' : ` that is called '${words}'`;
  if (meant.length === 0) throw fault('card-missing', `${whose} card${named} is in no reader`);
  throw fault('card-missing', `which is ${whose} card? There are ${meant.map(cardName).join(', ')}`, {
    hint: 'Name part of its label, serial number or reader.',
  });
}

/** For people: what a card calls itself, and where it is. */
export const cardName = ({ label, reader }: FoundCard): string => `${label} (${reader})`;

function matches({ label, serial, reader }: FoundCard, words: string): boolean {
  return [label, serial, reader].some((text) => text.toLowerCase().includes(words.toLowerCase()));
}
