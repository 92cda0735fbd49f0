import type { ReactNode } from 'react';
import { Route, Switch } from 'wouter';
import { Page } from '../../parts/page.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { texts } from '../../texts/index.ts';
import { Keys } from './keys.tsx';
import { Questions } from './questions.tsx';
import { Result } from './result.tsx';
import { Runs } from './runs.tsx';
import { Tables } from './tables.tsx';

const words = texts.outsourced;
const tabs = [
  { path: '/outsourced', label: words.tabs.runs, content: <Runs /> },
  { path: '/outsourced/questions', label: words.tabs.questions, content: <Questions /> },
  { path: '/outsourced/tables', label: words.tabs.tables, content: <Tables /> },
  { path: '/outsourced/keys', label: words.tabs.keys, content: <Keys /> },
];

/** Encrypted tables, questions to them, and what came out. */
export default function Outsourced(): ReactNode {
  return (
    <Switch>
      <Route path="/outsourced/runs/:run">{({ run }) => <Result run={Number(run)} />}</Route>
      <Route>
        <Page title={words.title} lead={words.lead}>
          <Tabs tabs={tabs} />
        </Page>
      </Route>
    </Switch>
  );
}
