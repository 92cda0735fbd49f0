import { fault, SymbolonError } from '@symbolon/crypto';
import { Agent, request } from 'undici';

const waitMilliseconds = 10_000;
// What is answered is of no interest; so much is read that the connection can be used again.
const mostAnswerBytes = 65_536;

/** Sends to programs of the own organisation. */
export interface Poster {
  /**
   * Resolves once the other end has answered that it has it: a status from 200 to 299. Throws `peer-gone` or `peer-silent` naming the origin alone; the
   * rest of an address may hold a secret. A redirection is not followed.
   */
  post(body: string, headers: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Posts to one address, on a connection that is kept. @param url https, or http on this machine */
export function poster(url: string): Poster {
  const { origin } = new URL(url);
  const agent = new Agent({
    allowH2: false,
    connections: 1,
    connect: { timeout: waitMilliseconds },
    headersTimeout: waitMilliseconds,
    bodyTimeout: waitMilliseconds,
  });
  return {
    async post(body, headers, signal) {
      try {
        const answer = await request(url, {
          dispatcher: agent,
          method: 'POST',
          body,
          headers: { ...headers },
          signal: signal ?? null,
        });
        await answer.body.dump({ limit: mostAnswerBytes, ...(signal === undefined ? {} : { signal }) });
        const { statusCode } = answer;
        if (statusCode >= 200 && statusCode < 300) return;
        throw fault('peer-gone', `${origin} answered with HTTP status ${statusCode}`, { culprit: origin });
      } catch (error) {
        if (error instanceof SymbolonError || !(error instanceof Error) || error.name === 'AbortError') throw error;
        const code = 'code' in error ? String(error.code).slice(0, 64) : error.name;
        const silent = /TIMEOUT|ETIMEDOUT/.test(code);
        const what = silent ? 'did not answer in time' : `cannot be reached (${code})`;
        throw fault(silent ? 'peer-silent' : 'peer-gone', `${origin} ${what}`, {
          culprit: origin,
          hint: 'Check the address and that the program there is running; it is tried again.',
        });
      }
    },
    close: () => agent.destroy(),
  };
}
