import type { ReactNode } from 'react';
import { Route, Switch } from 'wouter';
import { useSession } from '../../api/session.tsx';
import { Page } from '../../parts/page.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { texts } from '../../texts/index.ts';
import { Catalogue } from './catalogue.tsx';
import { CheckStatement } from './check-statement.tsx';
import { Licence } from './licence.tsx';
import { Licences } from './licences.tsx';
import { Partners } from './partners.tsx';
import { Publish } from './publish.tsx';
import { RequestLicence } from './request.tsx';

const words = texts.market;

/** Licences, the own catalogue, those of partners. */
export default function Market(): ReactNode {
  return (
    <Switch>
      <Route path="/market/licences/:hash">{({ hash }) => <Licence hash={hash} />}</Route>
      <Route path="/market/catalogue/publish">
        <Publish />
      </Route>
      <Route path="/market/partners/:partner/:name">
        {({ partner, name }) => <RequestLicence partner={partner} name={name} />}
      </Route>
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
          { path: '/market', label: words.tabs.licences, shown: may('licence.list'), content: <Licences /> },
          {
            path: '/market/catalogue',
            label: words.tabs.catalogue,
            shown: may('market.browse'),
            content: <Catalogue />,
          },
          { path: '/market/partners', label: words.tabs.partners, shown: may('market.browse'), content: <Partners /> },
          {
            path: '/market/statements',
            label: words.tabs.statements,
            shown: may('licence.usage'),
            content: <CheckStatement />,
          },
        ]}
      />
    </Page>
  );
}
