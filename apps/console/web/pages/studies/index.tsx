import './studies.css';
import type { ReactNode } from 'react';
import { Route, Switch } from 'wouter';
import { ChooseAgreement } from './ask/choose.tsx';
import { AskFree } from './ask/free.tsx';
import { AskTemplate } from './ask/template.tsx';
import { Studies } from './list.tsx';
import { RunPage } from './run/index.tsx';
import { StudyPage } from './study/index.tsx';

/** Questions to the data of several houses: those agreed, one of them, a new one, a run. */
export default function StudiesPages(): ReactNode {
  return (
    <Switch>
      <Route path="/studies">
        <Studies />
      </Route>
      <Route path="/studies/ask">
        <ChooseAgreement />
      </Route>
      <Route path="/studies/ask/:hash">{({ hash }) => <AskFree hash={hash} />}</Route>
      <Route path="/studies/ask/:hash/:template">
        {({ hash, template }) => <AskTemplate hash={hash} name={template} />}
      </Route>
      <Route path="/studies/runs/:run">{({ run }) => <RunPage run={Number(run)} />}</Route>
      <Route path="/studies/:hash/:name">{({ hash, name }) => <StudyPage hash={hash} name={name} />}</Route>
    </Switch>
  );
}
