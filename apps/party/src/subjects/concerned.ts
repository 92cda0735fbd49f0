import type { Agreement, LinkAgreement } from '@symbolon/agreement';

/** The data sets of one party that an agreement is about. */
export function datasetsOf({ tables, studies }: Agreement, party: string): string[] {
  const linked = Object.values(tables ?? {}).filter((table) => table.party === party);
  const studied = Object.values(studies?.tables ?? {}).flatMap(({ holders }) =>
    holders.filter((holder) => holder.party === party),
  );
  return [...new Set([...linked, ...studied].map(({ dataset }) => dataset))];
}

/** The columns that tell the people of one of a party's data sets apart in an agreement: keys of links, patients of studies. */
export function personColumns({ tables, studies }: Agreement, party: string, dataset: string): string[] {
  const linked = Object.values(tables ?? {}).flatMap((table) =>
    table.party === party && table.dataset === dataset && table.key !== undefined ? [table.key] : [],
  );
  const studied = Object.values(studies?.tables ?? {}).flatMap(({ holders, patient }) =>
    holders.some((holder) => holder.party === party && holder.dataset === dataset) ? [patient] : [],
  );
  return [...new Set([...linked, ...studied])];
}

/** A party's side of a link, where it is a data set's. */
export function sideOf({ tables }: LinkAgreement, party: string, dataset: string): 'a' | 'b' | undefined {
  return (['a', 'b'] as const).find((side) => tables[side].party === party && tables[side].dataset === dataset);
}
