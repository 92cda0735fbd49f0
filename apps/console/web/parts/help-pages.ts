import { texts } from '../texts/index.ts';

/** Where the documentation explains a page: the longest beginning of its address counts. */
export interface Help {
  /** Of the page's address, without the first slash. */
  readonly path: string;
  /** Below /docs. */
  readonly page: string;
  readonly topic: string;
}

const { topics } = texts.help;

// biome-ignore format: a line each
export const helps: readonly Help[] = [
  { path: '', page: 'console.html', topic: topics.console },
  { path: 'agreements', page: 'agreement-lifecycle.html', topic: topics.agreements },
  { path: 'agreements/new', page: 'agreements.html', topic: topics.drafts },
  { path: 'links', page: 'matching.html', topic: topics.links },
  { path: 'studies', page: 'running-studies.html', topic: topics.studies },
  { path: 'studies/ask', page: 'studies.html', topic: topics.questions },
  { path: 'data', page: 'own-data.html', topic: topics.data },
  { path: 'data/add', page: 'own-data.html#add-it', topic: topics.addData },
  { path: 'requests', page: 'subjects.html', topic: topics.subjects },
  { path: 'requests/holds', page: 'subjects.html#legal-hold', topic: topics.subjects },
  { path: 'alerts', page: 'alerts.html', topic: topics.alerts },
  { path: 'alerts/sent', page: 'alerts.html#what-is-told-and-what-is-not', topic: topics.told },
  { path: 'alerts/sources', page: 'alert-sources.html', topic: topics.sources },
  { path: 'market', page: 'market.html', topic: topics.market },
  { path: 'market/catalogue', page: 'market.html#offer', topic: topics.offers },
  { path: 'market/partners', page: 'market.html#ask', topic: topics.licences },
  { path: 'outsourced', page: 'outsourcing.html', topic: topics.outsourced },
  { path: 'outsourced/questions', page: 'outsourcing.html#what-can-be-asked', topic: topics.sealedQuestions },
  { path: 'log', page: 'log.html', topic: topics.log },
  { path: 'log/witnesses', page: 'log.html#between-servers', topic: topics.witnesses },
  ...['physicians', 'patients', 'review', 'alarms', 'installations', 'reviews', 'research'].map((path) => ({
    ...{ path, page: 'registry.html#for-the-registrys-office', topic: topics.registry },
  })),
  { path: 'types', page: 'records.html#record-types', topic: topics.records },
  { path: 'exports', page: 'records.html', topic: topics.records },
  { path: 'people', page: 'people.html', topic: topics.people },
  { path: 'settings', page: 'people.html#settings', topic: topics.settings },
  { path: 'settings/partners', page: 'operations.html', topic: topics.operations },
  { path: 'settings/server', page: 'operations.html', topic: topics.operations },
];

/** @param location the page's address, with its first slash */
export function helpOf(location: string): Help {
  const begins = (path: string): boolean => path === '' || `${location}/`.startsWith(`/${path}/`);
  return helps
    .filter(({ path }) => begins(path))
    .reduce((one, other) => (other.path.length > one.path.length ? other : one));
}
