import { Texts } from './agree.ts';
import type { ClearTables } from './clear.ts';

type Column = readonly (string | null)[];

/**
 * All pairs of some 20,000 rows a side for which the 9-in-10 rule of generated people holds, and how many of them are candidates of the last
 * `block`, which was over the whole tables. Whole families are taken, as their members are the hardest to keep apart.
 *
 * @param n rows of each table
 */
export async function sampleRecall(tables: ClearTables, n: number): Promise<{ pairs: number; found: number }> {
  // Families stand in groups of 64 person numbers.
  const condition = `("true person"::BIGINT // 64) % ${Math.max(1, Math.round(n / 20_000))} = 0`;
  const [a, b] = await Promise.all((['a', 'b'] as const).map((side) => columns(tables, side, condition)));
  const [name, address] = [both(a!.name, b!.name), both(a!.address, b!.address)];
  const pairs: [number[], number[]] = [[], []];
  for (const [i, medicaid] of a!.medicaid.entries()) {
    for (let k = 0; k < b!.rows.length; k++) {
      const same = medicaid !== null && medicaid === b!.medicaid[k];
      if (!same && !(name[0].agree(i, name[1], k) && address[0].agree(i, address[1], k))) continue;
      pairs[0].push(a!.rows[i]!);
      pairs[1].push(b!.rows[k]!);
    }
  }
  return { pairs: pairs[0].length, found: await tables.among(...pairs) };
}

async function columns(tables: ClearTables, side: 'a' | 'b', condition: string) {
  const [rows, ...texts] = await tables.rows(side, ['row', 'medicaid', 'name', 'address'], condition);
  const [medicaid, name, address] = texts as unknown as [Column, Column, Column];
  return { rows: rows!.map(Number), medicaid, name, address };
}

function both(a: Column, b: Column): [Texts, Texts] {
  const width = [...a, ...b].reduce((most, text) => Math.max(most, text?.length ?? 0), 0);
  return [new Texts(a, width), new Texts(b, width)];
}
