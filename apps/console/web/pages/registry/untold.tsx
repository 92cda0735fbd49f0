import type { ReactNode } from 'react';
import type { Answer } from '../../api/operations.ts';
import { Moment } from '../../parts/moment.tsx';
import { Section } from '../../parts/page.tsx';
import { Rows } from '../../parts/rows.tsx';
import { texts } from '../../texts/index.ts';

const words = texts.registry.module;

/** What the other server has not taken yet. Nothing where it has taken all. */
export function Untold({ notices }: { notices: Answer<'getRegistryModule'>['notices'] }): ReactNode {
  if (notices.length === 0) return null;
  const { noticeColumns: columns } = words;
  return (
    <Section title={words.untold(notices.length)}>
      <Rows
        rows={notices}
        keyOf={({ id }) => id}
        columns={[
          { title: columns.to, cell: ({ to }) => to },
          { title: columns.at, cell: ({ madeAt }) => <Moment at={madeAt} /> },
          { title: columns.tries, number: true, cell: ({ tries }) => tries },
          { title: columns.why, cell: ({ error }) => (error === null ? words.onItsWay : words.refused(error)) },
        ]}
      />
    </Section>
  );
}
