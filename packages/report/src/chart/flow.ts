import type { Markup } from '../markup.ts';
import { count } from '../numbers.ts';
import type { Flow } from '../report.ts';
import { box, type Chart, fitted, label, line, path, place, width, wrapped } from './svg.ts';

const [gap, lineHeight, pad] = [30, 18, 12];
const stepWidth = 460;

/** From the rows of every table to those that were counted. Only released numbers stand in it; where none is, it says so. */
export function flowChart({ tables, steps, counted }: Flow): Chart {
  const tableWidth = Math.min(330, (width - (tables.length - 1) * 16) / tables.length);
  const partsOf = ({ name, parties }: Flow['tables'][number]): string[] => [
    name,
    ...parties.map(({ id, rows, patients }) => `${id}: ${count(rows, 'row')} of ${count(patients, 'patient')}`),
  ];
  const first = tables.map((table) => partsOf(table).flatMap((part) => wrapped(part, tableWidth - 2 * pad, 3)));
  const tall = Math.max(...first.map((lines) => lines.length)) * lineHeight + 2 * pad;
  const start = (width - tables.length * tableWidth - (tables.length - 1) * 16) / 2;
  const centres = first.map((_, i) => start + i * (tableWidth + 16) + tableWidth / 2);
  const body: Markup[] = first.flatMap((lines, i) =>
    block(centres[i]! - tableWidth / 2, 0, tableWidth, tall, lines, 'box'),
  );
  let y = tall;
  const down = (): void => {
    body.push(...arrow(width / 2, y, y + gap));
    y += gap;
  };
  if (tables.length > 1) {
    body.push(
      ...centres.map((x) => line(x, y, x, y + 14, 'link')),
      line(centres[0]!, y + 14, centres.at(-1)!, y + 14, 'link'),
    );
    y += 14;
  }
  for (const { kind, text } of steps) {
    down();
    const lines = [
      ...wrapped(`${kind === 'join' ? 'joined where' : 'kept where'} ${text}`, stepWidth - 2 * pad, 3),
      'how many rows: not released',
    ];
    const high = lines.length * lineHeight + 2 * pad;
    body.push(...block((width - stepWidth) / 2, y, stepWidth, high, lines, 'box open'));
    y += high;
  }
  down();
  const value = counted.value === null ? 'not released' : counted.value;
  body.push(...block((width - 300) / 2, y, 300, 2 * lineHeight + 2 * pad, [value, counted.name], 'box final'));
  return {
    title: 'From the rows of each table to those that were counted',
    description: [
      ...tables.map(partsOf).map(([name, ...parties]) => `Table ${name}: ${parties.join(', ')}`),
      ...steps.map(
        ({ kind, text }) => `${kind === 'join' ? 'Joined where' : 'Kept where'} ${text}; how many rows: not released`,
      ),
      `${counted.name}: ${value}`,
    ].join('. '),
    height: y + 2 * lineHeight + 2 * pad + 2,
    body,
  };
}

function block(x: number, y: number, w: number, h: number, lines: readonly string[], look: string): Markup[] {
  const first = y + (h - lines.length * lineHeight) / 2 + 13;
  const strong = look === 'box open' ? -1 : 0;
  return [
    box(x + 1, y + 1, w - 2, h - 2, look),
    ...lines.map((text, i) =>
      label(
        x + w / 2,
        first + i * lineHeight,
        fitted(text, w - 2 * pad),
        'middle',
        i === strong ? 'strong' : look === 'box open' && i < lines.length - 1 ? '' : 'quiet',
      ),
    ),
  ];
}

function arrow(x: number, from: number, to: number): Markup[] {
  return [
    line(x, from, x, to - 2, 'link'),
    path(`M${place(x - 5)} ${place(to - 8)}L${place(x)} ${place(to - 1)}L${place(x + 5)} ${place(to - 8)}`, 'link'),
  ];
}
