import {
  createLocalServer,
  createPeerServer,
  createPeopleServer,
  type Logger,
  openHome,
  type Pages,
  RefusalCounts,
  type Running,
  renewTls,
  requireNewestStore,
} from '@symbolon/service';
import { Threads } from '@symbolon/service/threads';
import { Courier } from './agreements/courier.ts';
import { Alerts } from './alerts/alerts.ts';
import { checkPolicies } from './authorize/cedar.ts';
import { openContext } from './context.ts';
import { Links } from './link/links.ts';
import { localRoutes } from './local-routes.ts';
import { Fetcher } from './market/fetch.ts';
import { Gateway } from './outsource/gateway.ts';
import { peopleApi } from './people-api.ts';
import { acceptLines, peerRoutes } from './routes.ts';
import { abortRuns, unloggedRuns } from './run/attempts.ts';
import { Jobs } from './run/jobs.ts';
import { keyService } from './run/key-service.ts';
import type { OpenSession } from './run/keys.ts';
import { logStatement } from './run/statement-log.ts';
import { Studies } from './study/studies.ts';

/** How {@link startParty} starts a server. */
export interface PartyOptions {
  /** The organisation's folder. */
  readonly homePath: string;
  readonly logger?: Logger;
  readonly now?: () => Date;
  /** What browsers are shown on the listener for people; none: the API alone. */
  readonly pages?: Pages;
  /** Where one-time keys come from, if not from the key service of the agreement: for tests. */
  readonly openSession?: OpenSession;
}

/**
 * Starts an organisation's server: for partners over mutual TLS where its configuration says, for its own commands on the socket in its
 * folder. What a process that ended badly left unfinished is put in order first. Throws `conflict` if one runs already, and `store-behind`
 * if its database was put back to an earlier state.
 */
export async function startParty(options: PartyOptions): Promise<Running> {
  const { homePath, logger, now = () => new Date() } = options;
  checkPolicies();
  await renewTls(openHome(homePath), { now });
  const context = await openContext(homePath, { logger, now, serves: true });
  const { home, rng, settings } = context;
  const threads = new Threads({ script: new URL('./run/compute/thread.ts', import.meta.url), most: settings.threads });
  const jobs = await Jobs.open(context);
  const server = { openSession: options.openSession ?? keyService(context), threads };
  const links = new Links(context, server, jobs);
  const gateway = new Gateway(context, jobs);
  const studies = new Studies(context, server, jobs, gateway);
  const alerts = new Alerts(context, process.env);
  const common = { home, logger: context.logger, rng };
  const refusals = new RefusalCounts(context);
  const api = peopleApi(context, localRoutes(context, jobs, { links, studies, alerts, gateway }), refusals);
  const local = createLocalServer({ ...common, api });
  const people =
    settings.people && createPeopleServer({ ...common, settings: settings.people, api, pages: options.pages });
  const peers = createPeerServer({
    ...common,
    refusals,
    routes: [...peerRoutes(context, { links, studies }), ...alerts.routes],
  });
  acceptLines(peers, { links, studies });
  const courier = new Courier(context, jobs);
  const fetcher = new Fetcher(context);
  const close = async (): Promise<void> => {
    await fetcher.close();
    await alerts.close();
    await courier.close();
    await jobs.close();
    gateway.close();
    await context.witnesses.close();
    await Promise.allSettled([peers.close(), local.close(), people?.close()]);
    await refusals.close();
    await threads.close();
    await context.close();
  };
  try {
    // The local socket is the folder's lock: only its holder may call a run aborted.
    await local.listen();
    await requireNewestStore(context);
    for (const id of await abortRuns(context.database, now())) context.logger.warn({ run: id }, 'a run was cut off');
    for (const { id, study, statement } of await unloggedRuns(context.database)) {
      await logStatement(context, study === null ? 'link-done' : 'study-done', id, statement);
    }
    await gateway.tidy();
    await context.uploads.tidy(await context.datasets.sources(), context.logger);
    // Whoever cannot be reached does not listen either.
    const url = home.card.outbound === true ? home.card.address : await peers.listen();
    fetcher.start();
    context.witnesses.start();
    if (people !== undefined) context.logger.info({ people: await people.listen() }, 'ready for people');
    courier.wake();
    await alerts.start();
    return { url, close };
  } catch (error) {
    await close();
    throw error;
  }
}
