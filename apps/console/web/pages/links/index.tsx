import type { ReactNode } from 'react';
import { Route, Switch } from 'wouter';
import { OneLink } from './link.tsx';
import { Links } from './list.tsx';
import { LinkRun } from './run.tsx';

/** Links: those that agreements allow, one of them, one run. */
export default function LinkPages(): ReactNode {
  return (
    <Switch>
      <Route path="/links">
        <Links />
      </Route>
      <Route path="/links/runs/:run">{({ run }) => <LinkRun run={Number(run)} />}</Route>
      <Route path="/links/:hash">{({ hash }) => <OneLink hash={hash} />}</Route>
    </Switch>
  );
}
