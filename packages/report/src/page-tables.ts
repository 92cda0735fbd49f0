import { type Markup, markup } from './markup.ts';
import type { ReadablePart, ReadableTable } from './readable.ts';

/** @param caption null where the heading above says it */
export function table({
  caption,
  columns,
  rows,
}: Pick<ReadableTable, 'columns' | 'rows'> & { readonly caption: string | null }): Markup {
  const look = (i: number, cell: string | null = ''): string =>
    [columns[i]!.numeric ? 'num' : '', cell === null ? 'suppressed' : ''].filter(Boolean).join(' ');
  return markup`<div class="scroll"><table>
${caption === null ? null : markup`<caption>${caption}</caption>`}
<thead><tr>${columns.map(({ name }, i) => markup`<th scope="col" class="${look(i)}">${name}</th>`)}</tr></thead>
<tbody>
${rows.map(
  (row) =>
    markup`<tr>${row.map((cell, i) =>
      i === 0 && cell !== null && !columns[0]!.numeric
        ? markup`<th scope="row">${cell}</th>`
        : markup`<td class="${look(i, cell)}">${cell === null ? markup`<span>suppressed</span>` : cell}</td>`,
    )}</tr>\n`,
)}</tbody>
</table></div>`;
}

/** The tables of a result or of one stratum, under its name. */
export function tablesMarkup({ by, tables, fit }: ReadablePart): Markup {
  const shown = tables.map((one) => markup`${table(one)}${legend(one.legend)}`);
  return markup`${by === null ? null : markup`<h3>${by}</h3>`}
${shown}${legend(fit)}`;
}

function legend(text: string | null): Markup | null {
  return text === null ? null : markup`<p class="legend">${text}</p>`;
}
