import {
  type Query,
  QueryClient,
  type UseQueryOptions,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { call } from './call.ts';
import { type Answer, addressOf, type Input, type OperationName } from './operations.ts';
import { Problem } from './problem.ts';

const isAway = (error: unknown): boolean => error instanceof Problem && error.code === 'offline';

/** What was asked of the server, for all pages. A refusal stands; a server that cannot be reached is asked again. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2000,
      retry: (count, error) => count < 3 && isAway(error),
      refetchInterval: ({ state }) => (isAway(state.error) ? 3000 : false),
    },
  },
});

/** For what the server notes in its log whenever it is asked: that is a change, at which it must not be asked again. */
export const logged = { meta: { logged: true } } as const;

/** Of {@link logged}, and of what is asked by a POST, as the preview of a form, nothing is asked anew but what people do. */
export const unlessLogged = ({ meta, queryKey: [name] }: Query): boolean =>
  meta?.logged !== true && addressOf(name as OperationName)[0] === 'GET';

// Another tab of this browser has changed something.
const tabs = new BroadcastChannel('symbolon');
tabs.onmessage = () => void queryClient.invalidateQueries();

/** Something has changed at the server: everything that is shown is asked anew, in all tabs. */
export async function changed(): Promise<void> {
  tabs.postMessage('changed');
  await queryClient.invalidateQueries();
}

/** Asks, and keeps what was answered until something changes. */
export function useAsk<Name extends OperationName>(
  name: Name,
  input: Input<Name>,
  options: Omit<UseQueryOptions<Answer<Name>, Problem>, 'queryKey' | 'queryFn'> = {},
) {
  return useQuery<Answer<Name>, Problem>({
    ...options,
    queryKey: [name, input],
    queryFn: ({ signal }) => call(name, input, signal),
  });
}

interface Listed<Item> {
  readonly items: Item[];
  readonly next: string | null;
}

type ItemOf<Name extends OperationName> = Answer<Name> extends { items: readonly (infer Item)[] } ? Item : never;

/** Asks for the whole of a list that people keep: agreements, data sets, runs. What grows without end is asked by {@link useList}. */
export function useAll<Name extends OperationName>(
  name: Name,
  input: Input<Name>,
  options: Omit<UseQueryOptions<Listed<ItemOf<Name>>, Problem>, 'queryKey' | 'queryFn'> = {},
) {
  return useQuery<Listed<ItemOf<Name>>, Problem>({
    ...options,
    queryKey: [name, 'all', input],
    queryFn: async ({ signal }) => {
      const items: ItemOf<Name>[] = [];
      let next: string | null = null;
      do {
        const page: Listed<ItemOf<Name>> = await pageOf(name, input, { limit: mostOfPage, ...after(next) }, signal);
        items.push(...page.items);
        next = page.next;
      } while (next !== null);
      return { items, next };
    },
  });
}

const mostOfPage = 1000;
const after = (cursor: string | null | undefined): object => (cursor == null ? {} : { after: cursor });

async function pageOf<Name extends OperationName>(
  name: Name,
  input: Input<Name>,
  page: object,
  signal: AbortSignal,
): Promise<Listed<ItemOf<Name>>> {
  const { query } = input as { query?: object };
  return (await call(name, { ...input, query: { ...query, ...page } }, signal)) as unknown as Listed<ItemOf<Name>>;
}

/** Asks for a list, page after page: `fetchNextPage` asks for more. @param limit of a page; null where the operation chooses itself */
export function useList<Name extends OperationName>(name: Name, input: Input<Name>, limit: number | null = 100) {
  const asked = useInfiniteQuery({
    queryKey: [name, 'pages', limit, input],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      pageOf(name, input, { ...(limit === null ? {} : { limit }), ...after(pageParam) }, signal),
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  return {
    ...asked,
    error: asked.error as Problem | null,
    items: asked.data?.pages.flatMap(({ items }) => items) ?? [],
  };
}

/** A change at the server: what is shown is asked anew after it. @param done also called then */
export function useDo<Name extends OperationName>(name: Name, done?: (answer: Answer<Name>) => void) {
  return useMutation<Answer<Name>, Problem, Input<Name>>({
    mutationFn: (input) => call(name, input),
    onSuccess: async (answer) => {
      await changed();
      done?.(answer);
    },
  });
}

export { useQueryClient };
