/** Outsourced studies: an untrusted server computes on tables that were encrypted here. */
export * from './sealed-questions.ts';
export * from './sealed-tables.ts';
