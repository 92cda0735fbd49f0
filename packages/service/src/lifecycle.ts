import { describeError, type Logger } from './logging.ts';

/** A server that runs. */
export interface Running {
  /** Where partners reach it. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Runs a server until SIGINT or SIGTERM, then stops it; a second signal ends the process at once. Prints one line on stderr when it
 * is ready. Sets the exit code if starting or stopping fails.
 * @param start makes the server; what it throws is the caller's to print
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
  const server = await start();
  logger.info({ url: server.url }, 'ready');
  const signal = await stopped;
  logger.info({ signal }, 'stopping');
  try {
    await server.close();
  } catch (error) {
    logger.error(describeError(error), 'could not stop cleanly');
    process.exitCode = 1;
  }
}
