import type { ReactNode } from 'react';
import { useAsk } from '../../api/queries.ts';
import { Asked } from '../../parts/asked.tsx';
import { LogLink } from '../../parts/log-link.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Rows } from '../../parts/rows.tsx';
import { texts } from '../../texts/index.ts';
import { type Info, nameOf } from './of.ts';

const words = texts.agreements.history;

/** Every change of the agreement's state, the newest first. */
export function History({ info: { hash, agreement } }: { info: Info }): ReactNode {
  const history = useAsk('agreementHistory', { params: { hash } });
  return (
    <Asked query={history}>
      {({ changes }) => (
        <Rows
          rows={changes.toReversed()}
          keyOf={({ at, what, by }) => `${at} ${what} ${by ?? ''}`}
          minWidth={640}
          columns={[
            { title: words.when, cell: ({ at }) => <Moment at={at} /> },
            { title: words.what, cell: ({ what }) => words.kinds[what] ?? what },
            {
              title: words.who,
              cell: ({ by, person }) =>
                [by === null ? '' : nameOf(agreement, by), person ?? ''].filter((name) => name !== '').join(', '),
            },
            { title: words.why, cell: ({ reason }) => reason },
            { title: words.log, cell: ({ log }) => (log === null ? null : <LogLink index={log.index} />) },
          ]}
        />
      )}
    </Asked>
  );
}
