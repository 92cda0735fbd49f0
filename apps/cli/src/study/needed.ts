import { type BoundMethod, type BoundStudy, bindMethod, bindStudy, type Study } from '@symbolon/analytics';
import { fault } from '@symbolon/crypto';
import { schemaOf } from '@symbolon/party';
import { openDuckDb } from '@symbolon/service';
import type { StudyTerms } from './agreement-file.ts';

/** A study bound to what a draft says of the data. Throws `study-…`, `plan-range`, `agreement-invalid`. */
export async function bindDraft({ sql, method, to }: Study, terms: StudyTerms): Promise<BoundStudy | BoundMethod> {
  const stranger = to.find((id) => !terms.parties.includes(id));
  if (stranger !== undefined) {
    throw fault('study-invalid', `the result goes to ${stranger}, who is no party of the draft`, {
      culprit: stranger,
      hint: `Parties are ${terms.parties.join(', ')}.`,
    });
  }
  const duck = await openDuckDb({ threads: 1 });
  try {
    const schema = schemaOf(terms.studies);
    return method === null ? await bindStudy(sql, schema, duck) : await bindMethod({ sql, method }, schema, duck);
  } finally {
    duck.close();
  }
}

/** The same terms with this study alone, the tables that it reads, those who hold or receive something, and the link if it joins by one. */
export function needed(terms: StudyTerms, study: Study, text: string, bound: BoundStudy | BoundMethod): StudyTerms {
  const { tables } = bound.kind === 'method/1' ? bound.rows : bound;
  const names = tables.map(({ name }) => name);
  const { studies } = terms;
  const maxRuns = studies.list.find(({ name }) => name === study.name)?.maxRuns ?? 12;
  const joins = studies.joins.filter(({ hub, spoke }) => names.includes(hub) && names.includes(spoke));
  const { linkage, ...others } = terms;
  const ids = [...new Set([...tables.flatMap(({ parties }) => parties), ...study.to])];
  return {
    ...others,
    ...(linkage !== undefined && joins.some((join) => 'linked' in join) ? { linkage } : {}),
    parties: ids,
    studies: {
      ...studies,
      tables: Object.fromEntries(Object.entries(studies.tables).filter(([name]) => names.includes(name))),
      joins,
      list: [{ name: study.name, text, to: study.to, maxRuns }],
    },
  };
}
