import type { ReactNode } from 'react';
import { useAll } from '../../api/queries.ts';
import { Asked } from '../../parts/asked.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Section } from '../../parts/page.tsx';
import { Rows } from '../../parts/rows.tsx';
import { State } from '../../parts/state.tsx';
import { texts } from '../../texts/index.ts';

const words = texts.outsourced.runs;

/** Runs of questions, the newest first. */
export function Runs(): ReactNode {
  const runs = useAll('listSealedRuns', {});
  const { columns } = words;
  return (
    <Section title={words.title}>
      <Asked query={runs}>
        {({ items }) => (
          <Rows
            rows={items.toReversed()}
            keyOf={({ id }) => id}
            to={({ id }) => `/outsourced/runs/${id}`}
            none={words.none}
            columns={[
              { title: columns.run, cell: ({ id }) => id },
              { title: columns.who, cell: ({ person }) => person },
              { title: columns.when, cell: ({ startedAt }) => <Moment at={startedAt} /> },
              { title: columns.state, cell: ({ state }) => <State state={state} /> },
            ]}
          />
        )}
      </Asked>
    </Section>
  );
}
