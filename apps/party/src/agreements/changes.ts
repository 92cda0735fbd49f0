import { SymbolonError } from '@symbolon/crypto';
import { type Home, localClient } from '@symbolon/service';
import { z } from 'zod';

/** Where a command tells the organisation's running server that agreements have changed in their database. */
export const changedPath = '/v1/agreements/changed';

type Listener = (agreement: string) => Promise<void> | void;

/** Who wants to know that something was said about an agreement. What was said is in the database before; nothing depends on this but promptness. */
export class AgreementChanges {
  readonly #home: Pick<Home, 'path' | 'config'>;
  #listener: Listener | undefined;

  constructor(home: Pick<Home, 'path' | 'config'>) {
    this.#home = home;
  }

  /** In a server: it listens itself. */
  listen(listener: Listener): void {
    this.#listener = listener;
  }

  /** Tells the server, be it this process or another. @returns whether one runs */
  async tell(agreement: string): Promise<boolean> {
    if (this.#listener !== undefined) {
      await this.#listener(agreement);
      return true;
    }
    const client = localClient(this.#home);
    try {
      await client.call('POST', changedPath, { body: { agreement }, answer: z.undefined() });
      return true;
    } catch (error) {
      if (!(error instanceof SymbolonError)) throw error;
      return false;
    } finally {
      await client.close();
    }
  }
}
