import { sealed } from '@symbolon/party';
import { csvLine } from '@symbolon/report';
import type { ApiClient } from '@symbolon/service';
import type { z } from 'zod';
import type { Cleanup } from '../cleanup.ts';
import { facts } from '../ui.ts';
import { writeWhole } from '../whole-file.ts';
import { recomputedWords } from './sealed-report.ts';

type Scored = NonNullable<z.output<typeof sealed.getSealedScored.answer>['scored']>;

/** What a run that gave scores says of itself, and no score; undefined of any other run. */
export async function scoredOf(client: ApiClient, run: number): Promise<Scored | undefined> {
  return (await client.call(sealed.getSealedScored, { params: { run } })).scored ?? undefined;
}

/** For people. @param file where the scores are now, if anywhere outside the server */
export function scoredText(run: number, { scores, recomputed }: Scored, file?: string): string {
  return facts([
    ['run', String(run)],
    ['patients', `${scores} have a score`],
    ['the scores are', recomputedWords[recomputed]],
    ...(file === undefined ? [] : [['file', file] as [string, string]]),
  ]);
}

/** Writes the scores of a run with the patients whose they are, as CSV; needs the key of their table to be open. */
export async function writeScores(client: ApiClient, run: number, file: string, cleanup: Cleanup): Promise<void> {
  await writeWhole(file, lines(client, run), cleanup);
}

async function* lines(client: ApiClient, run: number): AsyncGenerator<string> {
  yield csvLine(['patient', 'score']);
  for (let part = 0, parts = 1; part < parts; part++) {
    const found = await client.call(sealed.getSealedScores, { params: { run }, query: { part } });
    ({ parts } = found);
    yield found.patients.map((patient, i) => csvLine([patient, found.scores[i]!])).join('');
  }
}
