import { Button, Group, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Route, Switch } from 'wouter';
import type { Answer } from '../../api/operations.ts';
import { useAsk, useDo } from '../../api/queries.ts';
import { Asked } from '../../parts/asked.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { Rows } from '../../parts/rows.tsx';
import { texts } from '../../texts/index.ts';
import { fieldLabel } from './field-label.ts';
import { OnePatient } from './patient.tsx';

const words = texts.registry.patients;
type Field = Answer<'getRegistryModule'>['fields'][number];

/** Patients are searched for one at a time: there is no list of them. */
export default function Patients(): ReactNode {
  return (
    <Switch>
      <Route path="/patients/:patient">{({ patient }) => <OnePatient number={Number(patient)} />}</Route>
      <Route>
        <Find />
      </Route>
    </Switch>
  );
}

function Find(): ReactNode {
  const module = useAsk('getRegistryModule', {});
  return (
    <Page title={words.title} lead={words.lead}>
      <Asked query={module}>{({ fields }) => <Search fields={fields} />}</Asked>
    </Page>
  );
}

/** Who is searched for stands in no address, where a browser would remember it. */
function Search({ fields }: { fields: readonly Field[] }): ReactNode {
  const [person, setPerson] = useState<Readonly<Record<string, string>>>({});
  const search = useDo('searchPatients');
  const given = Object.fromEntries(Object.entries(person).filter(([, value]) => value.trim() !== ''));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    search.mutate({ body: { person: given } });
  };
  return (
    <Stack gap="xl">
      <form onSubmit={submit}>
        <Stack maw={720}>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            {fields.map(({ field, as }) => (
              <TextInput
                key={field}
                label={fieldLabel(field)}
                {...(as === 'date' ? { placeholder: words.date } : {})}
                autoComplete="off"
                value={person[field] ?? ''}
                onChange={({ currentTarget: { value } }) => setPerson((all) => ({ ...all, [field]: value }))}
              />
            ))}
          </SimpleGrid>
          <Group>
            <Button type="submit" loading={search.isPending} disabled={Object.keys(given).length === 0}>
              {words.search}
            </Button>
            <Text size="sm" c="dimmed">
              {words.logged}
            </Text>
          </Group>
          <ProblemNote error={search.error} />
        </Stack>
      </form>
      {search.data === undefined ? null : (
        <Section title={words.found}>
          <Rows
            rows={search.data}
            keyOf={({ patient }) => patient}
            to={({ patient }) => `/patients/${patient}`}
            none={words.none}
            minWidth={640}
            columns={[
              { title: words.patient, cell: ({ patient }) => texts.registry.review.patient(patient) },
              ...fields.map(({ field }) => ({
                title: fieldLabel(field),
                cell: ({ person: known }: Answer<'searchPatients'>[number]) => known[field] ?? '',
              })),
            ]}
          />
        </Section>
      )}
    </Stack>
  );
}
