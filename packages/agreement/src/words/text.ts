/** Labels and what there is to say under each. A text may have several lines. */
export type Words = readonly (readonly [label: string, text: string])[];

/** `a, b and c` */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join() : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** `1 day`, `1,000 days` */
export function count(number: number, what: string): string {
  return `${number.toLocaleString('en-US')} ${what}${number === 1 ? '' : 's'}`;
}
