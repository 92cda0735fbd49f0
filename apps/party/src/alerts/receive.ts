import type { Card } from '@symbolon/agreement';
import { type AlertMessage, openMessage } from '@symbolon/alerts';
import { fault, SymbolonError } from '@symbolon/crypto';
import type { PartyContext } from '../context.ts';
import { type Arrived, keep } from './arrived.ts';
import { Judge } from './judge.ts';
import { LiveAgreements } from './live.ts';
import { OwnRecords } from './own-records.ts';
import { Screened } from './screened.ts';
import type { AlertResult } from './wire.ts';

/** A message that came: read, or not. */
type Read = { readonly message: AlertMessage; readonly document: Uint8Array } | { readonly error: SymbolonError };

/** Takes in what partners tell of medical events. Runs at: the receiver. Learns: of its own records, what the agreement lets a message say. */
export class AlertReceiver {
  readonly #context: PartyContext;
  readonly #hooks: readonly string[];
  readonly #kept: () => void;
  readonly #records: OwnRecords;
  readonly #screened: Screened;

  /**
   * @param options.hooks names of those that are told of what is kept
   * @param options.kept called once something is durable
   */
  constructor(context: PartyContext, options: { hooks: readonly string[]; kept: () => void }) {
    this.#context = context;
    this.#hooks = options.hooks;
    this.#kept = options.kept;
    this.#records = new OwnRecords(context);
    this.#screened = new Screened(context);
  }

  /**
   * Decides on messages by this party's own copy of their agreements. What is taken is in the inbox and in the log, durably, when this resolves; a
   * message that is there already stays as it is.
   * @param documents signed messages
   * @returns what became of each, in their order
   */
  async receive(sender: Card, documents: readonly Uint8Array[]): Promise<AlertResult[]> {
    const read = documents.map((document) => this.#read(document, sender));
    const judge = new Judge(this.#context, this.#records, this.#screened);
    const judged: (Arrived | SymbolonError | null)[] = [];
    for (const one of read) judged.push('error' in one ? one.error : await this.#judge(judge, one));
    const live = new LiveAgreements(this.#context);
    const ended = await Promise.allSettled(
      judged.map(async (arrived) => {
        if (arrived === null) return 'taken';
        if (arrived instanceof SymbolonError) throw arrived;
        return keep(this.#context, arrived, { hooks: this.#hooks, live });
      }),
    );
    // First: what is durable is told on, whatever becomes of the others.
    if (ended.some((end) => end.status === 'fulfilled' && end.value === 'taken')) this.#kept();
    const results = ended.map((end, i) => resultOf(end, read[i]!));
    await this.#logRefused(sender, results);
    return results;
  }

  #read(document: Uint8Array, sender: Card): Read {
    try {
      const message = openMessage(document, sender);
      const { to } = message;
      const own = this.#context.home.card.id;
      if (message.from !== sender.id) throw fault('agreement-party', `${sender.id} sent a message of ${message.from}`);
      if (to !== own) throw fault('agreement-party', `${sender.id} sent ${own} a message for ${to}`);
      return { message, document };
    } catch (error) {
      if (!(error instanceof SymbolonError)) throw error;
      return { error };
    }
  }

  /** @returns null for one that is taken, but not kept: its person takes no part any more */
  async #judge(
    judge: Judge,
    { message, document }: Extract<Read, { message: AlertMessage }>,
  ): Promise<Arrived | SymbolonError | null> {
    try {
      const keys = await judge.judge(message, document);
      return keys && { message, document, ...keys };
    } catch (error) {
      if (!(error instanceof SymbolonError) || isPassing(error)) throw error;
      return error;
    }
  }

  /** One entry for each reason: nobody fills the log by asking. */
  async #logRefused({ id }: Card, results: readonly AlertResult[]): Promise<void> {
    const refused = Map.groupBy(
      results.filter(({ outcome }) => outcome === 'refused'),
      ({ code }) => code!,
    );
    for (const [code, { length }] of refused) {
      this.#context.logger.warn({ by: id, code, messages: length }, 'refused alerts');
      await this.#context.log.append({ kind: 'alert-refused', by: id, code, messages: length });
    }
  }
}

function resultOf(end: PromiseSettledResult<'taken' | 'duplicate'>, read: Read): AlertResult {
  const id = 'error' in read ? null : read.message.id;
  if (end.status === 'fulfilled') return { id, outcome: end.value };
  const error: unknown = end.reason;
  if (!(error instanceof SymbolonError) || isPassing(error)) throw error;
  return { id, outcome: 'refused', code: error.code, message: error.message };
}

/** Whether it is not the message's fault: its sender tries again. */
function isPassing({ status, code }: SymbolonError): boolean {
  return status >= 500 || code === 'conflict';
}
