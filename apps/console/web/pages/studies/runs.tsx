import { Anchor, Text } from '@mantine/core';
import { type ReactNode, useMemo } from 'react';
import { Link } from 'wouter';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Moment } from '../../parts/moment.tsx';
import { State } from '../../parts/state.tsx';
import { texts } from '../../texts/index.ts';
import type { Run } from './agreed.ts';

const words = texts.studies;

/** Runs of studies, as they are given. @param study they are all of one study, which need not be named */
export function Runs({ runs, study = false }: { runs: readonly Run[]; study?: boolean }): ReactNode {
  const columns = useMemo(() => columnsOf().filter(({ id }) => !(study && id === 'study')), [study]);
  if (runs.length === 0) return <Text c="dimmed">{words.noRuns}</Text>;
  return <DataTable label={words.runs} columns={columns} rows={runs} keyOf={({ id }) => String(id)} />;
}

function columnsOf(): Column<Run>[] {
  return [
    {
      id: 'run',
      label: words.run,
      by: ({ id }) => id,
      cell: ({ id }) => (
        <Anchor component={Link} href={`/studies/runs/${id}`} fw={600}>
          {words.runNumber(id)}
        </Anchor>
      ),
    },
    { id: 'study', label: words.study, by: ({ study }) => study, cell: ({ study }) => study },
    { id: 'state', label: words.state, by: ({ state }) => state, cell: ({ state }) => <State state={state} /> },
    {
      id: 'started',
      label: words.started,
      by: ({ startedAt }) => startedAt,
      cell: ({ startedAt }) => <Moment at={startedAt} />,
    },
    {
      id: 'took',
      label: words.took,
      numeric: true,
      by: ({ details }) => details?.seconds ?? null,
      cell: ({ details }) => (details === null ? '' : words.seconds(details.seconds)),
    },
  ];
}
