import type { ReactNode } from 'react';
import { server } from '../../api/server.ts';
import { useSession } from '../../api/session.tsx';
import { Page } from '../../parts/page.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { texts } from '../../texts/index.ts';
import { MyAccount } from './account.tsx';
import { Partners } from './partners.tsx';
import { Server } from './server.tsx';

const words = texts.settings;
/** One's own account; partners; what this server is. */
export default function Settings(): ReactNode {
  const { may } = useSession();
  return (
    <Page title={words.title}>
      <Tabs
        tabs={[
          { path: '/settings', label: words.tabs.account, content: <MyAccount /> },
          { path: '/settings/partners', label: words.tabs.partners, shown: may('partner.list'), content: <Partners /> },
          {
            path: '/settings/server',
            label: words.tabs.server,
            shown: server.role === 'party' && may('server.status'),
            content: <Server />,
          },
        ]}
      />
    </Page>
  );
}
