import type { ReactNode } from 'react';
import { useAll } from '../../api/queries.ts';
import { Asked } from '../../parts/asked.tsx';
import { useNames } from '../../parts/names.ts';
import { Rows } from '../../parts/rows.tsx';
import { State } from '../../parts/state.tsx';
import { texts } from '../../texts/index.ts';

const words = texts.market.licences;

/** Licences, given and asked for. */
export function Licences(): ReactNode {
  const licences = useAll('listLicences', {});
  const nameOf = useNames();
  const { columns } = words;
  return (
    <Asked query={licences}>
      {({ items }) => (
        <Rows
          rows={items}
          keyOf={({ hash }) => hash}
          to={({ hash }) => `/market/licences/${hash}`}
          none={words.none}
          minWidth={640}
          columns={[
            { title: columns.title, cell: ({ title }) => title },
            { title: columns.who, cell: ({ licensee }) => nameOf(licensee) },
            { title: columns.owners, cell: ({ owners }) => owners.map(nameOf).join(', ') },
            { title: columns.used, number: true, cell: ({ used, quota }) => words.usedOf(used.month, quota?.perMonth) },
            { title: columns.state, cell: ({ state }) => <State state={state} /> },
          ]}
        />
      )}
    </Asked>
  );
}
