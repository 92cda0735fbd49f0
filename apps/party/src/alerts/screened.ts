import type { LinkAgreement } from '@symbolon/agreement';
import { fault, SymbolonError } from '@symbolon/crypto';
import type { PartyContext } from '../context.ts';
import { columnPlaces, type LeftOut, recordsOf } from '../data/left-out.ts';
import { openSource } from '../data/open.ts';
import { foldIdentifier } from '../subjects/identifiers.ts';
import type { Screen } from '../subjects/screen.ts';
import type { OwnRecord } from './own-records.ts';

/** Whether the person of a record takes no part any more. */
type IsOut = (record: OwnRecord) => boolean;

/**
 * Whose alerts are not kept: people who opted out, by what their organisation's list says now. Where the list knows people by another column than the link
 * does, the data set says who they are, read once for each state of the list.
 */
export class Screened {
  readonly #context: Pick<PartyContext, 'optOuts' | 'datasets'>;
  readonly #known = new Map<string, { readonly screen: Screen; readonly isOut: Promise<IsOut> }>();

  constructor(context: Pick<PartyContext, 'optOuts' | 'datasets'>) {
    this.#context = context;
  }

  /** @param table of this party in the agreement `hash`. Throws `config-invalid` where nobody can tell who is who: nothing is taken meanwhile. */
  async of(hash: string, agreement: LinkAgreement, table: 'a' | 'b'): Promise<IsOut> {
    try {
      return await this.#of(hash, agreement, table);
    } catch (cause) {
      if (!(cause instanceof SymbolonError) || cause.status >= 500) throw cause;
      throw fault('config-invalid', 'the data set cannot be read, so nobody can tell who opted out', {
        culprit: agreement.tables[table].dataset,
        cause,
      });
    }
  }

  async #of(hash: string, agreement: LinkAgreement, table: 'a' | 'b'): Promise<IsOut> {
    const { dataset, key } = agreement.tables[table];
    const screen = await this.#context.optOuts.screen(dataset, agreement);
    const { leftOut } = screen;
    if (leftOut === undefined) return () => false;
    if (leftOut.columns.every((column) => column === key)) {
      return (record) => leftOut.has(leftOut.columns.map(() => record.key));
    }
    const known = this.#known.get(hash);
    if (known?.screen.same(screen) === true) return known.isOut;
    const isOut = key === undefined ? this.#byRecord(dataset, leftOut) : this.#byKey(dataset, leftOut, key);
    this.#known.set(hash, { screen, isOut });
    isOut.catch(() => this.#known.delete(hash));
    return isOut;
  }

  async #byRecord(dataset: string, leftOut: LeftOut): Promise<IsOut> {
    const records = await recordsOf(await this.#context.datasets.source(dataset), leftOut);
    return ({ row }) => row !== null && records.has(row);
  }

  async #byKey(dataset: string, leftOut: LeftOut, key: string): Promise<IsOut> {
    const reader = await openSource(await this.#context.datasets.source(dataset));
    const places = columnPlaces(
      { columns: [...leftOut.columns, key], has: leftOut.has },
      reader.label,
      reader.columns.map(({ name }) => name),
    );
    const keyPlace = places.pop()!;
    // The key may be written otherwise in the source, 007 for 7: rather one too many is left out than one too few.
    const keys = new Set<string | null>();
    await reader.read((cells) => {
      const text = cells[keyPlace] ?? null;
      if (text !== null && leftOut.has(places.map((place) => cells[place]!))) keys.add(foldIdentifier(text));
      return true;
    });
    return ({ key: own }) => own !== null && keys.has(foldIdentifier(own));
  }
}
