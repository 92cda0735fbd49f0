import { Group, Stack, Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import { useAsk } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { Page } from '../../parts/page.tsx';
import { State } from '../../parts/state.tsx';
import { texts } from '../../texts/index.ts';
import { Changes } from './changes.tsx';
import { Columns } from './columns.tsx';
import { History } from './history.tsx';
import { Next } from './next.tsx';
import type { Info } from './of.ts';
import { Overview } from './overview.tsx';
import { Rule } from './rule.tsx';

const words = texts.agreements;

/** One agreement: what is to be done with it, and its parts. */
export function OneAgreement({ hash, part = 'overview' }: { hash: string; part: string | undefined }): ReactNode {
  const asked = useAsk('getAgreement', { params: { hash } });
  return (
    <Page title={asked.data?.title ?? words.title}>
      <Asked query={asked}>
        {(info) => (
          <Stack gap="lg">
            <Group>
              <State state={info.state} />
            </Group>
            <Next info={info} />
            <Parts info={info} part={part} />
          </Stack>
        )}
      </Asked>
    </Page>
  );
}

function Parts({ info, part }: { info: Info; part: string }): ReactNode {
  const { may } = useSession();
  const [, go] = useLocation();
  const { link, counters, predecessor } = info.agreement;
  const parts = [
    'overview',
    'columns',
    ...(link === undefined ? [] : ['rule']),
    ...(counters === undefined && predecessor === null ? [] : ['changes']),
    ...(may('agreement.history') ? ['history'] : []),
  ] as (keyof typeof words.tabs)[];
  return (
    <Tabs
      value={part}
      keepMounted={false}
      onChange={(next) => go(`/agreements/${info.hash}${next === 'overview' ? '' : `/${next}`}`, { replace: true })}
    >
      <Tabs.List aria-label={words.tabs.label} mb="lg">
        {parts.map((one) => (
          <Tabs.Tab key={one} value={one}>
            {words.tabs[one]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={part}>
        {part === 'overview' ? <Overview info={info} /> : null}
        {part === 'columns' ? <Columns agreement={info.agreement} /> : null}
        {part === 'rule' ? <Rule info={info} /> : null}
        {part === 'changes' ? <Changes hash={info.hash} /> : null}
        {part === 'history' ? <History info={info} /> : null}
      </Tabs.Panel>
    </Tabs>
  );
}
