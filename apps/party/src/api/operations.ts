/** Every operation of an organisation's own API by its name: types of them are all that a browser's client needs. */
export * from './agreement-changes.ts';
export * from './agreement-drafts.ts';
export * from './agreements.ts';
export * from './alert-inbox.ts';
export * from './alert-sources.ts';
export * from './datasets.ts';
export * from './demo.ts';
export * from './jobs.ts';
export * from './links.ts';
export * from './log.ts';
export * from './market.ts';
export * from './outsource.ts';
export * from './server.ts';
export * from './studies.ts';
export * from './study-reports.ts';
export * from './subjects.ts';
export * from './tuning.ts';
