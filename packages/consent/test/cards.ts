import type { KeyObject } from 'node:crypto';
import { type CardKind, cardPrivateKey, softwareCard } from '@symbolon/testkit/smartcards';
import type { Card } from '../src/index.ts';

export { type CardKind, cardKinds } from '@symbolon/testkit/smartcards';

/** A card in software, which counts what it is asked for. */
export interface PlayedCard extends Card {
  readonly asked: { sign: number; open: number };
}

/** @param kind of a fresh key, or a key @param raw whether an RSA card only computes c^d mod n, as many do */
export function playedCard(kind: CardKind | KeyObject, options: { raw?: boolean } = {}): PlayedCard {
  const card = softwareCard(typeof kind === 'string' ? cardPrivateKey(kind) : kind, options);
  const asked = { sign: 0, open: 0 };
  return {
    ...card,
    asked,
    sign: (message) => {
      asked.sign++;
      return card.sign(message);
    },
    open: (input) => {
      asked.open++;
      return card.open(input);
    },
  };
}
