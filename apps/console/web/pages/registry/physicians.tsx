import { SegmentedControl } from '@mantine/core';
import type { ReactNode } from 'react';
import { Route, Switch, useLocation, useSearch } from 'wouter';
import type { Answer, Input } from '../../api/operations.ts';
import { useList } from '../../api/queries.ts';
import { Busy } from '../../parts/busy.tsx';
import { Moment } from '../../parts/moment.tsx';
import { More } from '../../parts/more.tsx';
import { Page } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { Rows } from '../../parts/rows.tsx';
import { texts } from '../../texts/index.ts';
import { OnePhysician } from './physician.tsx';

const words = texts.registry.physicians;
const states = ['waiting', 'vetted', 'suspended', 'excluded', 'all'] as const;
type Shown = (typeof states)[number];

/** Physicians by their state, and one of them. */
export default function Physicians(): ReactNode {
  return (
    <Switch>
      <Route path="/physicians/:id">{({ id }) => <OnePhysician id={id} />}</Route>
      <Route>
        <List />
      </Route>
    </Switch>
  );
}

function List(): ReactNode {
  const [, go] = useLocation();
  const asked = new URLSearchParams(useSearch()).get('state');
  const shown: Shown = states.find((state) => state === asked) ?? 'all';
  const query: NonNullable<Input<'listPhysicians'>['query']> = shown === 'all' ? {} : { state: shown };
  const physicians = useList('listPhysicians', { query });
  const { columns } = words;
  return (
    <Page title={words.title} lead={words.lead}>
      <SegmentedControl
        aria-label={words.state}
        w="fit-content"
        value={shown}
        onChange={(state) => go(state === 'all' ? '/physicians' : `/physicians?state=${state}`)}
        data={states.map((value) => ({ value, label: words.states[value] ?? words.everybody }))}
      />
      <ProblemNote error={physicians.error} />
      {physicians.isPending ? (
        <Busy />
      ) : (
        <Rows
          rows={physicians.items as Answer<'listPhysicians'>['items']}
          keyOf={({ id }) => id}
          to={({ id }) => `/physicians/${id}`}
          none={words.none}
          columns={[
            { title: columns.name, cell: ({ name }) => name ?? words.nameless },
            { title: columns.state, cell: ({ state }) => words.states[state] },
            { title: columns.since, cell: ({ changedAt }) => <Moment at={changedAt} /> },
          ]}
        />
      )}
      <More list={physicians} />
    </Page>
  );
}
