import type { ReactNode } from 'react';
import { Route, Switch } from 'wouter';
import { server } from '../../api/server.ts';
import { useSession } from '../../api/session.tsx';
import { Page } from '../../parts/page.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { texts } from '../../texts/index.ts';
import { Entry } from './entry.tsx';
import { Timeline } from './timeline.tsx';
import { Verify } from './verify/index.tsx';
import { Witnesses } from './witnesses.tsx';

const words = texts.log;
const ofParty = server.role === 'party';

/** The log: what happened, one entry, its verification here, and who has seen it. */
export default function Log(): ReactNode {
  const { may } = useSession();
  return (
    <Switch>
      <Route path="/log/entries/:index">{({ index }) => <Entry index={Number(index)} />}</Route>
      <Route>
        <Page title={words.title} lead={ofParty ? words.lead : words.leadRegistry}>
          <Tabs
            tabs={[
              { path: '/log', label: words.tabs.timeline, content: <Timeline /> },
              { path: '/log/verify', label: words.tabs.verify, shown: may('log.export'), content: <Verify /> },
              { path: '/log/witnesses', label: words.tabs.witnesses, shown: ofParty, content: <Witnesses /> },
            ]}
          />
        </Page>
      </Route>
    </Switch>
  );
}
