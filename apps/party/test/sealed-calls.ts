import type { ApiClient } from '@symbolon/service';
import { getJob } from '../src/api/jobs.ts';
import * as api from '../src/api/outsource.ts';

/** Follows a job to its end. Throws what ended it. @returns the number of what it made */
export async function ended(client: ApiClient, begin: Promise<{ job: number }>): Promise<number> {
  const params = await begin;
  for (;;) {
    const { state, run, error } = await client.call(getJob, { params });
    if (state === 'done') return run!;
    if (state === 'failed') throw Object.assign(new Error(error!.message), error);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

export const cuts = { age: ['30', '60'] };

/** Encrypts the patients under a key, and uploads them. @returns the table's number */
export async function sealPatients(client: ApiClient, agreement: string, key: number): Promise<number> {
  const body = { agreement, name: 'patients', key, cuts };
  const table = await ended(client, client.call(api.encryptTable, { body }));
  await ended(client, client.call(api.uploadTable, { params: { table } }));
  return table;
}

/** Asks a question and approves it. @returns its number */
export async function approved(client: ApiClient, agreement: string, text: string): Promise<number> {
  const { id } = await client.call(api.askSealed, { body: { agreement, text } });
  await client.call(api.approveSealed, { params: { question: id } });
  return id;
}

/** Runs a question. @returns the number of the run, and what it released */
export async function answered(client: ApiClient, question: number) {
  const id = await ended(client, client.call(api.runSealed, { body: { question } }));
  const { released } = await client.call(api.getSealedResult, { params: { run: id } });
  return { id, ...released! };
}

/** The number of the newest run. */
export async function newestRun(client: ApiClient) {
  return (await client.call(api.listSealedRuns, { query: {} })).items.at(-1)!;
}
