import { computing } from './outsourcing.ts';
import type { Agreement } from './schema.ts';

/** One thing that an agreement lets its parties do. */
export interface Covered {
  readonly kind: 'link' | 'study' | 'template' | 'free' | 'alert' | 'outsourcing';
  /** Of a study, template or alert; null of what there is one of. */
  readonly name: string | null;
  /** Who may begin it. */
  readonly by: readonly string[];
  /** Who learns what comes of it. */
  readonly to: readonly string[];
  /** Over the whole term; null where there is no limit. */
  readonly maxRuns: number | null;
}

/** Everything that an agreement covers, in the order of its sections. What does not stand here is not allowed. */
export function covered(agreement: Agreement): Covered[] {
  const { parties, tables, link, studies, alerts = [], outsourcing } = agreement;
  const computers = computing(agreement);
  const all = parties.map(({ id }) => id).filter((id) => !computers.has(id));
  const is = (
    kind: Covered['kind'],
    name: string | null,
    by: readonly string[],
    { to, maxRuns }: { readonly to: readonly string[]; readonly maxRuns: number | null },
  ): Covered => ({ kind, name, by, to, maxRuns });
  return [
    ...(link === undefined || tables === undefined ? [] : [is('link', null, [tables.a.party, tables.b.party], link)]),
    ...(studies?.list ?? []).map((study) => is('study', study.name, all, study)),
    ...(studies?.templates ?? []).map((template) => is('template', template.name, all, template)),
    ...(studies?.free === undefined ? [] : [is('free', null, studies.free.by, studies.free)]),
    ...alerts.map(({ name, from, to }) => is('alert', name, [from], { to: [to], maxRuns: null })),
    ...(outsourcing === undefined
      ? []
      : [is('outsourcing', null, [outsourcing.owner], { to: [outsourcing.owner], maxRuns: outsourcing.maxRuns })]),
  ];
}
