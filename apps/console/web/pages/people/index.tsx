import type { ReactNode } from 'react';
import { Route, Switch } from 'wouter';
import { AddPerson } from './add.tsx';
import { Everybody } from './list.tsx';
import { Person } from './person.tsx';

/** People: all, one of them, another one. */
export default function People(): ReactNode {
  return (
    <Switch>
      <Route path="/people">
        <Everybody />
      </Route>
      <Route path="/people/add">
        <AddPerson />
      </Route>
      <Route path="/people/:id">{({ id }) => <Person id={id} />}</Route>
    </Switch>
  );
}
