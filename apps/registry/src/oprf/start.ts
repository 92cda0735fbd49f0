import { createPeerServer, RefusalCounts, type Running, type StartOptions, startServer } from '@symbolon/service';
import { settingsOf } from './config.ts';
import { Evaluations } from './evaluations.ts';
import { openKeys } from './keys.ts';
import { moduleRoutes } from './routes.ts';

/** Starts the server that holds the key of a module's pseudonyms; resolves when it answers. It never sees an identity, nor a pseudonym. */
export function startOprf(options: StartOptions): Promise<Running> {
  const kind = { role: 'oprf' as const, name: 'an OPRF server', settingsOf };
  return startServer(options, kind, async ({ closers, ...starting }) => {
    const { home, settings, logger, rng } = starting;
    const keys = await openKeys({ ...starting, names: settings.keys });
    closers.push(() => {
      for (const key of keys.values()) key.fill(0);
    });
    const evaluations = new Evaluations({ ...starting, keys });
    closers.push(() => evaluations.close());
    const refusals = new RefusalCounts(starting);
    closers.push(() => refusals.close());
    const server = createPeerServer({ home, routes: moduleRoutes(settings, evaluations), logger, rng, refusals });
    closers.push(() => server.close());
    return server.listen();
  });
}
