import { Button, Group, NumberInput, Stack } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useLocation } from 'wouter';
import type { Input } from '../../../api/operations.ts';
import { useAsk, useDo } from '../../../api/queries.ts';
import { Page, Section } from '../../../parts/page.tsx';
import { ProblemNote } from '../../../parts/problem.tsx';
import { texts } from '../../../texts/index.ts';
import { columnsOf } from '../../market/publish-columns.tsx';
import { type Commerce, CommerceForm, commerceOf, noCommerce } from './commerce.tsx';
import { type Free, FreeForm, freeOf, isWhole, noFree } from './free.tsx';
import { firstQuestion, type Question, Questions } from './questions.tsx';
import { firstTable, StudyTable, type TableTerms } from './study-table.tsx';
import { firstTerms, Limits, Purpose, purposeOf, type Terms, WhoseData } from './terms.tsx';

const words = texts.agreements.draft;
type Body = Input<'draftStudies'>['body'];

interface Asked {
  readonly ours: TableTerms | undefined;
  readonly theirs: TableTerms | undefined;
  readonly questions: readonly Question[];
  readonly minPatients: number;
  readonly free: Free;
  readonly commerce: Commerce;
}

/** Studies over two data sets whose people have a column in common. */
export function DraftStudies(): ReactNode {
  const [, go] = useLocation();
  const self = useAsk('getStatus', {}).data?.id;
  const [terms, setTerms] = useState(firstTerms);
  const [asked, setAsked] = useState<Asked>({
    ours: undefined,
    theirs: undefined,
    questions: [firstQuestion],
    minPatients: 10,
    free: noFree,
    commerce: noCommerce,
  });
  const keep = useDo('draftStudies', ({ hash }) => go(`/agreements/${hash}`));
  const set = (changed: Partial<Terms>): void => {
    setTerms((all) => ({ ...all, ...changed }));
    if ('dataset' in changed) change({ ours: undefined });
    if ('theirs' in changed) change({ theirs: changed.theirs && firstTable(changed.theirs.columns) });
  };
  const change = (changed: Partial<Asked>): void => setAsked((all) => ({ ...all, ...changed }));
  const parties = [self, terms.partner].filter((id) => id != null);
  const body = self === undefined ? undefined : bodyOf(terms, asked, self);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (body !== undefined) keep.mutate({ body });
  };
  return (
    <Page title={words.studiesTitle} lead={words.lead}>
      <form onSubmit={submit}>
        <Stack gap="xl">
          <WhoseData terms={terms} set={set} />
          {terms.dataset === null ? null : (
            <Ours dataset={terms.dataset} table={asked.ours} change={(ours) => change({ ours })} />
          )}
          {asked.theirs === undefined ? null : (
            <StudyTable
              title={words.studies.columns(terms.partner ?? words.partner)}
              table={asked.theirs}
              change={(theirs) => change({ theirs })}
            />
          )}
          <Section title={words.studies.questions}>
            <Questions questions={asked.questions} change={(questions) => change({ questions })} parties={parties} />
            <FreeForm free={asked.free} change={(free) => change({ free })} parties={parties} />
          </Section>
          <Limits terms={terms} set={set}>
            <NumberInput
              label={words.minPatients}
              min={1}
              value={asked.minPatients}
              onChange={(value) => change({ minPatients: Number(value) })}
            />
          </Limits>
          <CommerceForm commerce={asked.commerce} change={(commerce) => change({ commerce })} parties={parties} />
          <Purpose terms={terms} set={set} />
          <ProblemNote error={keep.error} />
          <Group>
            <Button type="submit" disabled={body === undefined} loading={keep.isPending}>
              {words.keep}
            </Button>
          </Group>
        </Stack>
      </form>
    </Page>
  );
}

function Ours({
  dataset,
  table,
  change,
}: {
  dataset: string;
  table: TableTerms | undefined;
  change: (table: TableTerms) => void;
}): ReactNode {
  const described = useAsk('describeDataset', { params: { name: dataset } });
  if (described.data === undefined) return <ProblemNote error={described.error} />;
  const shown = table ?? firstTable(described.data.columns as Parameters<typeof firstTable>[0]);
  return <StudyTable title={words.studies.columns(words.studies.ownSide)} table={shown} change={change} />;
}

/** What the server is asked for; undefined while something is missing. */
function bodyOf(terms: Terms, asked: Asked, self: string): Body | undefined {
  const { ours, theirs, questions, minPatients, free, commerce } = asked;
  const { title, partner, keyService, dataset, maxRows, maxRuns, from, until } = terms;
  if (title.trim() === '' || partner === null || keyService === null || dataset === null) return undefined;
  if (ours?.patient == null || theirs?.patient == null || terms.theirs === undefined) return undefined;
  if (questions.some(({ name, text, to }) => name === '' || text.trim() === '' || to.length === 0)) return undefined;
  if (!isWhole(free)) return undefined;
  const table = (own: TableTerms, party: string, name: string) => ({
    holders: [{ party, dataset: name }],
    maxRows,
    patient: own.patient,
    ...(own.once ? { onePerPatient: true as const } : {}),
    columns: columnsOf(
      own.columns.map((column) => (column.name === own.patient ? { ...column, required: true } : column)),
      own.patient,
    ),
  });
  const both = [self, partner];
  const studies = {
    tables: { ours: table(ours, self, dataset), theirs: table(theirs, partner, terms.theirs.name) },
    joins: [{ hub: 'ours', spoke: 'theirs', on: [[ours.patient, theirs.patient]] }],
    minPatients,
    ...freeOf(free),
    list: questions.map((question) => ({ ...question, maxRuns })),
  } as Body['studies'];
  return {
    title: title.trim(),
    parties: both,
    keyService,
    ...purposeOf(terms),
    studies,
    term: { from, until },
    ...commerceOf(commerce, both),
  };
}
