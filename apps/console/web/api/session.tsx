import { createContext, type ReactNode, use, useEffect, useMemo, useRef } from 'react';
import { call, keepCsrf, whenLoggedOut } from './call.ts';
import type { Answer } from './operations.ts';
import { queryClient, useAsk } from './queries.ts';

/** Who is logged in, and what that person may do here. */
export interface Session {
  readonly me: Answer<'getMe'>;
  /** Whether operations with this action are permitted, like `agreement.sign`. What is not, the server refuses too. */
  may(action: string): boolean;
}

const SessionContext = createContext<Session | undefined>(undefined);

/** The session of whoever is logged in; only below {@link SessionGate}. */
export function useSession(): Session {
  return use(SessionContext)!;
}

/** Shows `children` to somebody who is logged in, `login` to anybody else. @param waiting until that is known */
export function SessionGate(props: { children: ReactNode; login: ReactNode; waiting: ReactNode }): ReactNode {
  const me = useAsk('getMe', {}, { staleTime: Number.POSITIVE_INFINITY });
  const out = useRef(false);
  const known = me.data !== undefined && me.error?.code !== 'unauthenticated';
  const actions = useAsk('listMyActions', {}, { enabled: known, staleTime: Number.POSITIVE_INFINITY });
  useEffect(() => whenLoggedOut(() => void queryClient.resetQueries({ queryKey: ['getMe'] })), []);
  if (known) keepCsrf(me.data.csrf);
  const session = useMemo((): Session | undefined => {
    if (me.data === undefined || actions.data === undefined) return undefined;
    const allowed = new Set(actions.data);
    return { me: me.data, may: (action) => allowed.has(action) };
  }, [me.data, actions.data]);
  // Asked again, as after a change in another tab, it stays out until it is let in: the login page keeps what was typed.
  if (me.error !== null) out.current = me.error.code === 'unauthenticated';
  else if (me.data !== undefined) out.current = false;
  if (out.current) return props.login;
  if (session === undefined) return props.waiting;
  return <SessionContext value={session}>{props.children}</SessionContext>;
}

/** Logs in, by a cookie that scripts cannot read. */
export async function logIn(user: string, password: string): Promise<void> {
  await call('logIn', { body: { user, password, session: 'cookie' } });
  await queryClient.resetQueries();
}

/** Ends the session; nothing that it has shown stays in memory. */
export async function logOut(): Promise<void> {
  await call('logOut', {});
  keepCsrf(undefined);
  queryClient.clear();
  location.assign('/');
}
