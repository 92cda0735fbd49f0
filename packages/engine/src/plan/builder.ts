import { rowBits } from '../orders.ts';
import { ArithmeticBuilder } from './build/arithmetic.ts';
import { require } from './build/draft.ts';
import type { Wire, WireType } from './types.ts';

/**
 * Writes a plan node by node and checks shapes and ranges on the way: a sum or product that might leave its ring is refused
 * (`plan-range`) instead of wrapping silently. Wires made without a range are plain words of the ring, and wrap.
 */
export class PlanBuilder extends ArithmeticBuilder {
  /**
   * Columns of one size, each in the order that p0 gives at run time under `name` and nobody else learns: u32 little-endian, element i of a
   * result is element order[i] of its column. Two rounds; 4 bytes an element are broadcast by p0, whatever the columns.
   */
  permute(columns: readonly Wire[], name: string): Wire[];
  permute(column: Wire, name: string): Wire;
  permute(x: readonly Wire[] | Wire, name: string): Wire[] | Wire {
    if (typeof x === 'number') return this.permute([x], name)[0]!;
    const types = x.map((wire) => this.type(wire));
    require(types.length > 0 && types.every(({ size }) => size === types[0]!.size), 'columns have one size');
    this.given(name);
    return this.nodeWith({ op: 'permute', in: x, name }, types);
  }

  /**
   * Columns of `rows` rows each (a row: one element or several; of bits one, or whole bytes), all in one fresh uniform order that no N − 1 parties
   * know. N rounds; each party sends 8 bytes a 64-bit element to the next, p0 to all.
   */
  shuffle(columns: readonly Wire[], rows = this.type(columns[0]!).size): Wire[] {
    return this.nodeWith({ op: 'shuffle', in: columns, rows }, this.#rowsOf(columns, rows));
  }

  /** One digit of a stable radix sort; `sortBy` is all of them. @param key bits, in rows as of `shuffle` */
  sortDigit(
    key: Wire,
    columns: readonly Wire[],
    { rows, from, width }: { rows: number; from: number; width: number },
  ): Wire[] {
    const [keyType, ...types] = this.#rowsOf([key, ...columns], rows);
    require(keyType!.kind === 'bits', 'a key is bits');
    require(columns.length > 0 && rows < 2 ** 31, `a sort takes columns of less than 2^31 rows, not ${rows}`);
    require(Number.isInteger(from) &&
      Number.isInteger(width) &&
      from >= 0 &&
      width >= 1 &&
      width <= 8 &&
      from + width <= rowBits(keyType!, rows), `bits ${from}+${width} of a key of ${rowBits(keyType!, rows)}`);
    return this.nodeWith({ op: 'sortDigit', in: [key, ...columns], rows, from, width }, types);
  }

  #rowsOf(columns: readonly Wire[], rows: number): WireType[] {
    require(columns.length > 0 && Number.isInteger(rows) && rows > 0, `columns of ${rows} rows`);
    const types = columns.map((wire) => this.type(wire));
    for (const type of types) {
      const bits = rowBits(type, rows);
      require(type.size % rows === 0 && (bits === 1 || bits % 8 === 0), `${type.size} elements in ${rows} rows`);
    }
    return types;
  }

  /** Opens x to the parties `to`, who find it under `name`. */
  reveal(x: Wire, to: readonly number[], name: string): void {
    require(to.length > 0 && to.every((party) => this.isParty(party)), `reveal '${name}' to ${to}`);
    this.type(x);
    this.yields(name);
    this.nodeWith({ op: 'reveal', in: [x], to: [...new Set(to)].sort(), name }, []);
  }

  /**
   * Each party finds its share of x under `name`: over all parties they add up to x (bits: ⊕). For a later session that takes the shares as
   * inputs and adds them; nothing is sent. The shares of all parties but any one are uniform, whatever x: only a wire that was opened
   * under a fresh mask of all parties is kept as it is, any other is re-masked first.
   */
  keep(x: Wire, name: string): void {
    this.type(x);
    this.yields(name);
    this.nodeWith({ op: 'keep', in: [this.isFresh(x) ? x : this.remask(x)], name }, []);
  }
}
