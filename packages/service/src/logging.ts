import { SymbolonError } from '@symbolon/crypto';
import pino, { type Logger } from 'pino';
import type { HomeConfig } from './config.ts';

export type { Logger };

// Names under which a secret or the content of a record could come by; their values are never written.
const secrets = ['seed', 'seeds', 'key', 'privateKey', 'pad', 'pads', 'rows', 'values', 'record', 'body'];
const levels: Record<number, string> = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };

/**
 * A server's log on stderr: lines for people on a terminal, JSON otherwise. What is logged names organisations, sessions and
 * codes; never a record's content.
 * @param destination where lines go
 */
export function createLogger(
  { id, logLevel }: Pick<HomeConfig, 'id' | 'logLevel'>,
  destination: { write(line: string): unknown; isTTY?: boolean } = process.stderr,
): Logger {
  return pino(
    {
      base: { id },
      level: logLevel,
      redact: { paths: secrets.flatMap((name) => [name, `*.${name}`]), censor: '[not logged]' },
      serializers: { err: describeError },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    { write: (line) => void destination.write(destination.isTTY ? forPeople(line) : line) },
  );
}

/** What the log says of an error. Messages of unknown errors may quote records, so of these only kind and place are kept. */
export function describeError(error: unknown): Record<string, unknown> {
  if (error instanceof SymbolonError) {
    const { code, message, culprit, cause } = error;
    return { code, message, culprit, ...(cause === undefined ? {} : { cause: describeError(cause) }) };
  }
  if (!(error instanceof Error)) return { type: typeof error };
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line));
  return { type: error.name, ...('code' in error ? { code: error.code } : {}), stack: frames?.join('\n') };
}

function forPeople(line: string): string {
  const { time, level, id, msg, err, ...rest } = JSON.parse(line) as Record<string, unknown> & { level: number };
  const details = Object.entries(rest).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const error = err === undefined ? [] : [JSON.stringify(err)];
  const moment = String(time).slice(11, 19);
  return `${[moment, (levels[level] ?? '').padEnd(5), `${id}:`, msg, ...details, ...error].join(' ')}\n`;
}
