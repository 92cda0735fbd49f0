import type { ReactNode } from 'react';
import { Route, Switch } from 'wouter';
import { useSession } from '../../api/session.tsx';
import { Page } from '../../parts/page.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { texts } from '../../texts/index.ts';
import { OneAlert } from './alert.tsx';
import { Inbox } from './inbox.tsx';
import { Sent } from './sent.tsx';
import { Sources } from './sources.tsx';

const words = texts.alerts;

/** Alerts that came, those that were told, and where events come from: each for whom it concerns. */
export default function Alerts(): ReactNode {
  const { may } = useSession();
  if (!may('alert.list')) return <Frame />;
  return (
    <Switch>
      <Route path={/^\/alerts\/(?<id>[\w-]{22})$/}>{({ id }) => <OneAlert id={id!} />}</Route>
      <Route>
        <Frame />
      </Route>
    </Switch>
  );
}

function Frame(): ReactNode {
  const { may } = useSession();
  return (
    <Page title={words.title} lead={words.lead}>
      <Tabs
        tabs={[
          { path: '/alerts', label: words.tabs.inbox, shown: may('alert.list'), content: <Inbox /> },
          { path: '/alerts/sent', label: words.tabs.sent, shown: may('alert.outbox'), content: <Sent /> },
          { path: '/alerts/sources', label: words.tabs.sources, shown: may('alert.sources'), content: <Sources /> },
        ]}
      />
    </Page>
  );
}
