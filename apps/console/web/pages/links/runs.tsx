import { Anchor, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Answer } from '../../api/operations.ts';
import { useAll } from '../../api/queries.ts';
import { Asked } from '../../parts/asked.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Moment } from '../../parts/moment.tsx';
import { State } from '../../parts/state.tsx';
import { texts } from '../../texts/index.ts';

const words = texts.links;
type Run = Answer<'getLinkRun'>;

/** Runs, the newest first. @param titles of agreements, by hash @param of this agreement alone */
export function Runs({ titles, of }: { titles: ReadonlyMap<string, string>; of?: string }): ReactNode {
  const runs = useAll('listLinkRuns', {});
  return (
    <Asked query={runs}>
      {({ items }) => {
        const shown = items.filter(({ agreement }) => of === undefined || agreement === of).toReversed();
        if (shown.length === 0) return <Text>{words.noRuns}</Text>;
        return <DataTable label={words.runs} rows={shown} columns={columnsOf(titles)} keyOf={({ id }) => String(id)} />;
      }}
    </Asked>
  );
}

function columnsOf(titles: ReadonlyMap<string, string>) {
  const { columns } = words;
  return [
    {
      id: 'run',
      label: columns.run,
      cell: ({ id }: Run) => (
        <Anchor component={Link} href={`/links/runs/${id}`} fw={600}>
          {id}
        </Anchor>
      ),
      by: ({ id }: Run) => id,
    },
    { id: 'agreement', label: columns.agreement, cell: ({ agreement }: Run) => titles.get(agreement) ?? '' },
    {
      id: 'when',
      label: columns.when,
      cell: ({ startedAt }: Run) => <Moment at={startedAt} />,
      by: ({ startedAt }: Run) => startedAt,
    },
    {
      id: 'matches',
      label: columns.matches,
      numeric: true,
      cell: ({ details }: Run) => details?.matches?.toLocaleString('en'),
      by: ({ details }: Run) => details?.matches ?? null,
    },
    { id: 'state', label: columns.state, cell: ({ state }: Run) => <State state={state} /> },
  ];
}
