import { createKernels } from '@symbolon/kernels';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  fieldBytes,
  layoutOf,
  type PartShape,
  placeColumn,
  takeColumn,
  writeColumn,
} from '../../src/blocking/layout.ts';

const kernels = createKernels();

// A few objects drawn again and again: one and the same part may stand in a list twice.
const shapes: readonly PartShape[] = [
  { kind: 'word', ring: 16 },
  { kind: 'word', ring: 32 },
  { kind: 'word', ring: 64 },
  { kind: 'bits', width: 1 },
  { kind: 'bits', width: 8 },
  { kind: 'bits', width: 61 },
];

test('fields of a row do not overlap: what is written is read, column by column', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...shapes), { minLength: 1, maxLength: 12 }), (parts) => {
      const { rowBytes, words, fields } = layoutOf(parts);
      expect(rowBytes % 16).toBe(0);
      const [rows, ptr] = [new Uint8Array(3 * rowBytes), kernels.arena.alloc(3 * rowBytes)];
      const inArena = kernels.arena.bytes(ptr, rows.length).fill(0);
      const columns = fields.map((field, i) => new Uint8Array(3 * fieldBytes(field)).fill(i + 1));
      for (const [i, field] of fields.entries()) {
        writeColumn(rows, rowBytes, field, columns[i]!);
        placeColumn(kernels, ptr, rowBytes, field, columns[i]!);
      }
      expect(inArena.every((byte, i) => byte === rows[i])).toBe(true);
      for (const [i, field] of fields.entries())
        expect(Buffer.from(takeColumn(kernels, ptr, rowBytes, field, 3))).toEqual(Buffer.from(columns[i]!));
      kernels.arena.free(ptr);
      // Words stand first, the widest before the others: as kernels combine them.
      const [w64, w32] = words;
      for (const field of fields) {
        if (field.kind === 'bits') continue;
        const from = field.ring === 64 ? 0 : field.ring === 32 ? 8 * w64 : 8 * w64 + 4 * w32;
        expect(field.at).toBeGreaterThanOrEqual(from);
        expect((field.at - from) % (field.ring / 8)).toBe(0);
      }
    }),
  );
});
