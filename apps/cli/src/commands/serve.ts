import type { OrganisationRole } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import { createLogger, openHome } from '@symbolon/service';
import type { Context, Leaf } from '../command.ts';
import type { Outcome } from '../ui.ts';

type Start = (params: {
  homePath: string;
  logger: ReturnType<typeof createLogger>;
}) => Promise<{ url: string; close(): Promise<void> }>;

/** What a server tells the process that started it, over Node's IPC channel. */
export type ServerMessage =
  | { readonly kind: 'ready'; readonly url: string }
  | { readonly kind: 'usage'; readonly peakBytes: number; readonly cpuSeconds: number };

const pagesOf = async () => (await import('@symbolon/console')).consolePages();

/** `symbolon serve party`. */
export const serveParty: Leaf<object> = {
  name: 'party',
  summary: "run this organisation's server until it is stopped",
  description:
    "Runs this organisation's server until Ctrl-C or SIGTERM. Partners reach it over mutual TLS 1.3; its log goes to stderr.",
  endsOnSignal: true,
  examples: ['symbolon serve party', 'symbolon serve party --home /srv/symbolon 2>> /var/log/symbolon.log'],
  run: async (context) => {
    const { startParty } = await import('@symbolon/party');
    const pages = await pagesOf();
    return serve(context, 'party', (options) => startParty({ ...options, pages }));
  },
};

/** `symbolon serve keys`. */
export const serveKeys: Leaf<object> = {
  name: 'keys',
  summary: 'run a key service until it is stopped',
  description:
    'Runs a key service until Ctrl-C or SIGTERM. It hands out one-time keys for agreed programs and has no endpoint that\n' +
    'takes data; its log goes to stderr.',
  endsOnSignal: true,
  examples: ['symbolon serve keys --home ./keys'],
  run: async (context) => serve(context, 'keyservice', (await import('@symbolon/keyservice')).startKeyservice),
};

/** `symbolon serve compute`. */
export const serveCompute: Leaf<object> = {
  name: 'compute',
  summary: 'run a server that computes on encrypted tables, until it is stopped',
  description:
    'Runs a server that keeps encrypted tables of partners and computes on them, until Ctrl-C or SIGTERM. It has no key that\n' +
    'opens anything; its log goes to stderr.',
  endsOnSignal: true,
  examples: ['symbolon serve compute --home ./compute'],
  run: async (context) => serve(context, 'compute', (await import('@symbolon/compute')).startCompute),
};

/** `symbolon serve oprf`. */
export const serveOprf: Leaf<object> = {
  name: 'oprf',
  summary: "run the server that holds the key of a registry's pseudonyms, until it is stopped",
  description:
    'Runs the server that holds the key of pseudonyms of one module of a medical registry, until Ctrl-C or SIGTERM. It never sees\n' +
    'an identity, nor a pseudonym; its log goes to stderr.',
  endsOnSignal: true,
  examples: ['symbolon serve oprf --home ./oprf'],
  run: async (context) => serve(context, 'oprf', (await import('@symbolon/registry')).startOprf),
};

/** `symbolon serve module`. */
export const serveModule: Leaf<object> = {
  name: 'module',
  summary: "run a registry's server that knows identities, until it is stopped",
  description:
    'Runs the module of a medical registry until Ctrl-C or SIGTERM: it knows who patients and physicians are, and nothing of\n' +
    'records. Its log goes to stderr.',
  endsOnSignal: true,
  examples: ['symbolon serve module --home ./module'],
  run: async (context) => {
    const { startModule } = await import('@symbolon/registry');
    const pages = await pagesOf();
    return serve(context, 'module', (options) => startModule({ ...options, pages }));
  },
};

/** `symbolon serve centre`. */
export const serveCentre: Leaf<object> = {
  name: 'centre',
  summary: 'run the central server of a medical registry, until it is stopped',
  description:
    'Runs the central server of a medical registry, until Ctrl-C or SIGTERM. It keeps records under pseudonyms, and never sees an\n' +
    "identity, nor a certificate, key or signature of a patient's card; its log goes to stderr.",
  endsOnSignal: true,
  examples: ['symbolon serve centre --home ./centre'],
  run: async (context) => {
    const { startCentre } = await import('@symbolon/registry');
    const pages = await pagesOf();
    return serve(context, 'centre', (options) => startCentre({ ...options, pages }));
  },
};

async function serve({ ui, home, cleanup }: Context, role: OrganisationRole, start: Start): Promise<Outcome> {
  const { config, path, card } = openHome(home);
  if (config.role !== role) {
    const other = config.role === 'keyservice' ? 'keys' : config.role;
    throw fault('config-invalid', `${path} is the folder of a ${config.role}`, {
      culprit: config.id,
      hint: `Run: symbolon serve ${other} --home ${home}`,
    });
  }
  const logger = createLogger(config);
  const running = await start({ homePath: path, logger });
  cleanup.add(() => running.close());
  tell({ kind: 'ready', url: running.url });
  const does = card.outbound === true ? 'runs; it opens every connection itself' : `listens on ${running.url}`;
  if (ui.interactive) ui.say(`${config.name} ${does}. Ctrl-C stops it.`);
  else logger.info({ url: running.url }, 'listening');
  await stopped(cleanup.signal);
  await cleanup.run();
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const usage = { peakBytes: maxRSS * 1024, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 };
  tell({ kind: 'usage', ...usage });
  if (process.connected) process.disconnect();
  return { json: { url: running.url, ...usage } };
}

/** Ctrl-C, SIGTERM, or the end of the process that started this one. */
function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    // Whoever started this process may have ended while the server started.
    if (signal.aborted || (process.send !== undefined && !process.connected)) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
    process.once('disconnect', resolve);
    process.on('message', (message) => {
      if (message === 'stop') resolve();
    });
  });
}

function tell(message: ServerMessage): void {
  if (process.connected) process.send?.(message);
}
