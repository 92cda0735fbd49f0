import type { ReactNode } from 'react';
import { Route, Switch } from 'wouter';
import { AddDataset } from './add.tsx';
import { Dataset } from './dataset.tsx';
import { Datasets } from './list.tsx';

/** Data sets: what there is, one of them, another one. */
export default function Data(): ReactNode {
  return (
    <Switch>
      <Route path="/data">
        <Datasets />
      </Route>
      <Route path="/data/add">
        <AddDataset />
      </Route>
      <Route path="/data/:name">{({ name }) => <Dataset name={name} />}</Route>
    </Switch>
  );
}
