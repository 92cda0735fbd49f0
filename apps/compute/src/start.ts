import { createPeerServer, type Running, type StartOptions, startServer } from '@symbolon/service';
import { settingsOf } from './config.ts';
import { Jobs } from './jobs.ts';
import { ownerRoutes } from './routes.ts';
import { Tables } from './tables.ts';

/** Starts a compute server on the home at `homePath`; resolves when it answers. It holds no secret key of any table. */
export function startCompute(options: StartOptions): Promise<Running> {
  const kind = { role: 'compute' as const, name: 'a compute server', settingsOf };
  return startServer(options, kind, async ({ closers, ...context }) => {
    const { home, logger, rng } = context;
    const tables = new Tables(context);
    const jobs = new Jobs(context, tables);
    closers.push(() => jobs.close());
    const server = createPeerServer({ home, routes: ownerRoutes(context, { tables, jobs }), logger, rng });
    closers.push(() => server.close());
    const url = await server.listen();
    await jobs.resume();
    return url;
  });
}
