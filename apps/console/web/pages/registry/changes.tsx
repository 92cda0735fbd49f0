import { Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Answer } from '../../api/operations.ts';
import { useAll, useDo } from '../../api/queries.ts';
import { Asked } from '../../parts/asked.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Rows } from '../../parts/rows.tsx';
import { texts } from '../../texts/index.ts';

const words = texts.registry.review;
type Change = Answer<'listIdentityChanges'>['items'][number];

/** Merges and splits, the newest first; each can be taken back once. */
export function Changes(): ReactNode {
  const changes = useAll('listIdentityChanges', {});
  const { columns } = words;
  return (
    <Stack>
      <Asked query={changes}>
        {({ items }) => (
          <Rows
            rows={items.toReversed() as Change[]}
            keyOf={({ id }) => id}
            none={words.changesNone}
            columns={[
              { title: columns.what, cell: ({ kind, from, to }) => words.kinds[kind](from, to) },
              { title: columns.by, cell: ({ by }) => by },
              { title: columns.at, cell: ({ at }) => <Moment at={at} /> },
              { title: columns.state, cell: (change) => <Undo change={change} /> },
            ]}
          />
        )}
      </Asked>
    </Stack>
  );
}

function Undo({ change: { id, undoes, undoneBy } }: { change: Change }): ReactNode {
  const undo = useDo('undoIdentityChange');
  if (undoneBy !== null) return words.undone;
  if (undoes !== null) return words.undoes;
  return (
    <Confirm
      label={words.undo}
      title={words.undo}
      what={words.undoWhat}
      pending={undo.isPending}
      error={undo.error}
      done={undo.isSuccess}
      onConfirm={() => undo.mutate({ params: { change: id } })}
    />
  );
}
