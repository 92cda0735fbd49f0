import { base64url } from '@symbolon/crypto';
import { linearForm, proveModel } from '@symbolon/fhe';
import type { PartyContext } from '../context.ts';
import { rounded } from '../run/progress.ts';
import { fromRows } from './checked.ts';
import { shapeOf } from './forms.ts';
import type { Outcome, Running } from './run-question.ts';
import type { ScoredResult } from './runs.ts';
import type { BoundScores } from './score-model.ts';
import { formOf } from './tables.ts';

/**
 * Has the server compute a score of each patient, which the process of the key decrypts, checks and keeps: nobody else sees one until a data steward reads
 * them. The server is told the weights alone. Runs at: the owner. Throws `circuit` before anything is sent, and `fhe-check`. @param own see `own-files.ts`
 */
export async function runScores(
  context: PartyContext,
  { id, question: { model }, table, key, grant, server, signal, onEvaluated, onOpened, ask }: Running<BoundScores>,
  own: string,
): Promise<Outcome<ScoredResult>> {
  const form = formOf(table.described);
  const features = form.kind === 'features' ? form.features : [];
  proveModel(model, features);
  const rows = table.rows!;
  const { chunks } = shapeOf(form, rows);
  const asked = linearForm(model);
  const start = performance.now();
  const returned = await ask(asked, (number) => server.scores(number, chunks, onEvaluated, signal));
  const evaluated = performance.now();
  onOpened(0);
  const run = { table: table.table, features, model, run: id, own };
  const { kept } = await key.score({ ...run, rows, results: returned });
  const opened = performance.now();
  const recomputed = await fromRows(context, grant.agreement, table, signal, (reading) =>
    key.compare({ ...run, reading }, { signal }),
  );
  const seconds = { evaluate: rounded((evaluated - start) / 1000), open: rounded((opened - evaluated) / 1000) };
  return { result: { scores: rows, kept, salt: base64url(context.rng(32)), recomputed, seconds }, asked, returned };
}
