import { exporterLabel } from '@symbolon/consent';
import { fault, SymbolonError } from '@symbolon/crypto';
import type { BoundClient, CallOptions } from '@symbolon/service';
import { z } from 'zod';

type Method = Parameters<BoundClient['call']>[0];

const attempts = 3;
const exporterBytes = 32;

/**
 * Asks a server, as the physician who is logged in. Everything that is asked may be asked again with the same effect, so a connection that breaks is opened
 * again, and what a card signed for the old one is signed again.
 */
export class Line {
  readonly #client: BoundClient;
  #token: string | undefined;

  constructor(client: BoundClient) {
    this.#client = client;
  }

  /** Id of the server. */
  get who(): string {
    return this.#client.who;
  }

  /** From now on, requests are the physician's. */
  loggedIn(token: string): void {
    this.#token = token;
  }

  async ask<Schema extends z.ZodType>(
    method: Method,
    path: string,
    options: CallOptions<Schema>,
  ): Promise<z.output<Schema>> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#client.call(method, path, this.#withToken(options));
      } catch (error) {
        if (attempt === attempts || !isBroken(error)) throw error;
      }
    }
  }

  /** An answer in bytes, at most so many. */
  bytes(method: Method, path: string, options: { body?: unknown; maxBytes: number }): Promise<Uint8Array> {
    return this.#client.secret(method, path, this.#withToken(options));
  }

  /**
   * A request that is signed for the connection that it goes through.
   * @param open asks what may be asked at any time, so that there is a connection
   * @param sign makes the body, for the exporter of the connection
   */
  async askSigned<Schema extends z.ZodType>(
    path: string,
    answer: Schema,
    { open, sign }: { open(): Promise<unknown>; sign(exporter: Uint8Array): Promise<unknown> },
  ): Promise<z.output<Schema>> {
    for (let attempt = 1; attempt <= attempts; attempt++) {
      if (this.#client.connection() === undefined) await open();
      const connection = this.#client.connection();
      if (connection === undefined) continue;
      const body = await sign(connection.exporter(exporterLabel, exporterBytes));
      if (this.#client.connection() !== connection) continue;
      try {
        return await this.#client.call('POST', path, this.#withToken({ body, answer }));
      } catch (error) {
        const went = this.#client.connection() === connection;
        // The request may have gone through another connection than the one that was signed for.
        if (attempt === attempts || (went && !isBroken(error))) throw error;
      }
    }
    throw fault('peer-gone', `the connection to ${this.who} breaks again and again`, { culprit: this.who });
  }

  /** Logs out, where somebody is logged in and the server can be reached; else the login ends by itself. */
  async close(): Promise<void> {
    try {
      if (this.#token !== undefined) await this.ask('DELETE', '/v1/logins', { answer: z.unknown() });
    } catch {
      // It ends after 15 minutes without a request.
    } finally {
      await this.#client.close();
    }
  }

  #withToken<Options extends object>(options: Options): Options & { headers?: Record<string, string> } {
    return this.#token === undefined ? options : { ...options, headers: { authorization: `Bearer ${this.#token}` } };
  }
}

const isBroken = (error: unknown): boolean => error instanceof SymbolonError && error.code === 'peer-gone';
