import { existsSync, readFileSync } from 'node:fs';
import type { Purpose } from '@symbolon/agreement';
import { sealed } from '@symbolon/party';
import type { ApiClient } from '@symbolon/service';
import { numberOf } from '../commands/seal-keys.ts';
import { UsageError } from '../ui.ts';

/** What begins the run that was typed. */
export async function begun(
  client: ApiClient,
  typed: string,
  {
    agreement,
    purpose,
    resume,
  }: { agreement?: string | undefined; purpose?: Purpose | undefined; resume?: true | undefined },
): Promise<() => Promise<{ job: number }>> {
  if (resume === true) {
    const params = { run: numberOf(typed, 'run') };
    return () => client.call(sealed.resumeSealedRun, { params });
  }
  let question = Number(typed);
  if (!/^\d{1,9}$/.test(typed)) {
    if (agreement === undefined) throw new UsageError('a question that was not asked yet needs --agreement HASH');
    ({ id: question } = await client.call(sealed.askSealed, { body: { agreement, text: questionText(typed) } }));
  }
  return () => client.call(sealed.runSealed, { body: { question, purpose } });
}

/** A SELECT as it was typed, or what is in the file that was named. */
export function questionText(typed: string): string {
  return !/^\s*select\b/i.test(typed) && existsSync(typed) ? readFileSync(typed, 'utf8') : typed;
}
