import { Button, Group, Select, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { server } from '../../api/server.ts';
import { texts } from '../../texts/index.ts';
import { events } from './said.ts';

const words = texts.log.filter;
const fields = ['kind', 'person', 'agreement'] as const;

/** Which entries are wanted; it stands in the address. */
export interface Filtered {
  readonly query: { readonly kind?: string; readonly person?: string; readonly agreement?: string };
  readonly any: boolean;
  set(field: (typeof fields)[number], value: string | null): void;
  clear(): void;
}

/** The filter in the address. */
export function useFilter(): Filtered {
  const search = new URLSearchParams(useSearch());
  const [, go] = useLocation();
  const query = Object.fromEntries(fields.flatMap((field) => (search.get(field) ? [[field, search.get(field)!]] : [])));
  return {
    query,
    any: Object.keys(query).length > 0,
    set(field, value) {
      if (value === null || value === '') search.delete(field);
      else search.set(field, value);
      go(`/log?${search.toString()}`);
    },
    clear: () => go('/log'),
  };
}

const kinds = Object.keys(events)
  .sort()
  .map((kind) => ({ value: kind, label: texts.log.spaced(kind) }));

/** Chooses entries. @param titles of agreements, by hash */
export function Filter({ filter, titles }: { filter: Filtered; titles: ReadonlyMap<string, string> }): ReactNode {
  const { kind = null, person = '', agreement = null } = filter.query;
  const [who, setWho] = useState(person);
  useEffect(() => setWho(person), [person]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    filter.set('person', who.trim());
  };
  return (
    <form onSubmit={submit}>
      <Group align="flex-end" gap="sm">
        <Select
          label={words.kind}
          placeholder={words.anyKind}
          data={kinds}
          value={kind}
          onChange={(value) => filter.set('kind', value)}
          searchable
          clearable
          clearButtonProps={{ 'aria-label': words.clear }}
          w={220}
        />
        {server.role === 'party' ? (
          <Select
            label={words.agreement}
            placeholder={words.anyAgreement}
            data={[...titles].map(([value, title]) => ({ value, label: `${title} (${value.slice(0, 6)})` }))}
            value={agreement}
            onChange={(value) => filter.set('agreement', value)}
            searchable
            clearable
            clearButtonProps={{ 'aria-label': words.clear }}
            w={260}
          />
        ) : null}
        <TextInput
          label={words.person}
          placeholder={words.personHint}
          value={who}
          onChange={({ currentTarget }) => setWho(currentTarget.value)}
          w={260}
        />
        <Button type="submit" variant="default">
          {words.search}
        </Button>
        {filter.any ? (
          <Button variant="subtle" onClick={filter.clear}>
            {words.clear}
          </Button>
        ) : null}
      </Group>
    </form>
  );
}
