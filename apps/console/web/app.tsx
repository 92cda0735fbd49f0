import { lazy, type ReactNode, Suspense } from 'react';
import { SessionGate } from './api/session.tsx';
import { Busy } from './parts/busy.tsx';
import { Shell } from './shell/shell.tsx';

const Login = lazy(() => import('./pages/login/index.tsx'));

/** The console: the login, or the pages of whoever is logged in. */
export function App(): ReactNode {
  return (
    <Suspense fallback={<Busy />}>
      <SessionGate login={<Login />} waiting={<Busy />}>
        <Shell />
      </SessionGate>
    </Suspense>
  );
}
