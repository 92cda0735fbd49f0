import { insecureTestRng } from '@symbolon/crypto';
import type { ColumnSpec, Row } from '../src/index.ts';

/** Columns of generated patients. */
export const patientSpecs: readonly ColumnSpec[] = [
  { name: 'sex', kind: 'category', values: ['f', 'm'] },
  { name: 'age', kind: 'number', min: 0, max: 110, cuts: [20, 30, 40, 50, 60, 70, 80] },
  { name: 'treated', kind: 'category', values: ['false', 'true'] },
  { name: 'recovered', kind: 'category', values: ['false', 'true'] },
  { name: 'cost', kind: 'number', min: 0, max: 50_000, squares: true },
];

/** Generated patients; one value in twenty is missing. */
export function patients(rows: number, seed: string): Row[] {
  const bytes = insecureTestRng(seed)(rows * 16);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return Array.from({ length: rows }, (_, i) => {
    const number = (at: number) => view.getUint16(16 * i + 2 * at, true);
    const known = <Value>(at: number, value: Value): Value | null => (number(7) % 20 === at ? null : value);
    const treated = number(2) % 5 < 2;
    return [
      known(0, number(0) % 2 === 0 ? 'f' : 'm'),
      known(1, number(1) % 100),
      known(2, String(treated)),
      known(3, String(number(3) % 10 < (treated ? 4 : 3))),
      known(4, number(4) % 50_001),
    ];
  });
}
