import { useAll, useAsk } from '../api/queries.ts';

/** What organisations are called, by id: as this server and its partners call themselves. */
export function useNames(): (id: string) => string {
  const self = useAsk('getStatus', {}).data;
  const partners = useAll('listPartners', {}).data?.items ?? [];
  const names = new Map([...partners, ...(self === undefined ? [] : [self])].map(({ id, name }) => [id, name]));
  return (id) => names.get(id) ?? id;
}
