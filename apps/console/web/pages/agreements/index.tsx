import type { ReactNode } from 'react';
import { Route, Switch } from 'wouter';
import { OneAgreement } from './agreement.tsx';
import { Answer } from './answer.tsx';
import { Draft } from './draft/index.tsx';
import { Agreements } from './list.tsx';

/** Agreements: all of them, a new one, one and its parts. */
export default function AgreementPages(): ReactNode {
  return (
    <Switch>
      <Route path="/agreements">
        <Agreements />
      </Route>
      <Route path="/agreements/new/:kind?">{({ kind }) => <Draft kind={kind} />}</Route>
      <Route path="/agreements/:hash/answer">{({ hash }) => <Answer hash={hash} />}</Route>
      <Route path="/agreements/:hash/:part?">{({ hash, part }) => <OneAgreement hash={hash} part={part} />}</Route>
    </Switch>
  );
}
