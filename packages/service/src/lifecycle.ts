import { SymbolonError } from '@symbolon/crypto';
import type { Logger } from './logging.ts';

/** A server that runs. */
export interface Running {
  /** Where partners reach it. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Runs a server until SIGINT or SIGTERM, then stops it; a second signal ends the process at once. Prints one line on stderr when it
 * is ready. If starting or stopping fails, says why and sets the exit code to 1.
 */
export async function runServer({ start, logger }: { start: () => Promise<Running>; logger: Logger }): Promise<void> {
  const stopped = new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1));
        resolve(signal);
      });
    }
  });
  try {
    const server = await start();
    logger.info({ url: server.url }, 'ready');
    const signal = await stopped;
    logger.info({ signal }, 'stopping');
    await server.close();
  } catch (error) {
    const [words, hint] =
      error instanceof SymbolonError ? [error.message, error.hint] : ['the server failed', undefined];
    logger.error({ err: error, hint }, words);
    process.exitCode = 1;
  }
}
