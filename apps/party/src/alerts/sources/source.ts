import type { ClinicalEvent } from '@symbolon/alerts';
import { SymbolonError } from '@symbolon/crypto';
import type { PartyContext } from '../../context.ts';
import type { Counts } from '../counts.ts';
import type { Intake } from '../intake.ts';
import { isSources, type Quarantine } from '../quarantine.ts';

/** What a source of events needs of its server. */
export interface SourceServer {
  readonly context: PartyContext;
  readonly intake: Intake;
  readonly quarantine: Quarantine;
  readonly counts: Counts;
}

/** Where events come from, while the server runs. */
export interface Source {
  /** Resolves to where it listens or looks. Throws `config-invalid`. */
  start(): Promise<string>;
  close(): Promise<void>;
  /** The events of what this source sent. Throws `alert-event`. */
  read(content: Uint8Array): readonly ClinicalEvent[];
}

/**
 * Takes one message of a source in, or keeps it in the quarantine. Throws, for what could not be read as for what could not be kept, once it is durable
 * that it came: the source learns of both.
 */
export async function takeMessage(
  { intake, quarantine, counts }: SourceServer,
  source: string,
  { content, read, place }: { content: Uint8Array; read: () => readonly ClinicalEvent[]; place?: string },
): Promise<void> {
  try {
    await intake.take(source, read());
  } catch (error) {
    if (!isSources(error)) {
      counts.add(source, 'refused');
      throw error;
    }
    await quarantine.keep({ source, content, error, ...(place === undefined ? {} : { place }) });
    counts.add(source, 'quarantined');
    throw error;
  }
}

/** What a source is told of an error: of one of this server's own, nothing of what it is. */
export function toldOf(error: unknown, { logger }: Pick<PartyContext, 'logger'>, source: string): SymbolonError {
  if (error instanceof SymbolonError) return error;
  logger.error({ err: error, source }, 'an event could not be taken in');
  return new SymbolonError('internal', 'this server failed to take it in; it is to be sent again');
}
