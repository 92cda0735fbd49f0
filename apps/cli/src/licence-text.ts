import type { LicenceInfo } from '@symbolon/party';
import { facts, table } from './ui.ts';

/** A licence in words. */
export function licenceText(info: LicenceInfo): string {
  const { price, quota, used, term } = info;
  const sums =
    price === null
      ? []
      : ([
          ['perRun', 'a run'],
          ['perMonth', 'a month'],
        ] as const);
  const paid = sums.flatMap(([of, words]) =>
    price?.[of] === undefined ? [] : [`${price[of]} ${price.currency} ${words}`],
  );
  const split = Object.entries(price?.split ?? {}).map(([id, percent]) => `${id} ${percent} %`);
  const limit = (most: number | undefined): string => (most === undefined ? '' : ` of ${most}`);
  return facts([
    ['licence', info.hash],
    ['title', info.title],
    ['state', info.version === null ? info.state : `${info.state}; see ${info.version.slice(0, 8)}`],
    ['for', info.licensee],
    ['data of', info.owners.join(', ')],
    ...(info.missing.length === 0 ? [] : [['not signed by', info.missing.join(', ')] as const]),
    ['term', `${term.from} to ${term.until}`],
    ['price', paid.join(', ') || 'none'],
    ...(split.length === 0 ? [] : [['goes to', split.join(', ')] as const]),
    [
      'runs',
      `${used.day}${limit(quota?.perDay)} today, ${used.month}${limit(quota?.perMonth)} this month, ${used.term}${limit(quota?.perTerm)} in all`,
    ],
    ...(info.beyond.length === 0 ? [] : [['beyond the catalogue', info.beyond.join('\n')] as const]),
  ]);
}

/** Licences, a line each. */
export function licenceTable(all: readonly LicenceInfo[]): string {
  const rows = all.map(({ hash, title, state, licensee, owners, missing, used, term }) => [
    hash.slice(0, 8),
    title,
    missing.length === 0 ? state : `${state}, not by ${missing.join(', ')}`,
    licensee,
    owners.join(', '),
    used.term,
    term.until,
  ]);
  return table(['licence', 'title', 'state', 'for', 'data of', 'runs', 'until'], rows);
}
