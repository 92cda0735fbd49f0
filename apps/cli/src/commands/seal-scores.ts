import type { Purpose } from '@symbolon/agreement';
import { followRun } from '@symbolon/party';
import type { Leaf } from '../command.ts';
import { progressFor } from '../progress.ts';
import { purposeOption } from '../purpose-option.ts';
import { withServer } from '../server.ts';
import { begun } from '../study/sealed-begin.ts';
import { scoredOf, scoredText, writeScores } from '../study/sealed-scores.ts';
import { UsageError } from '../ui.ts';
import { progressLine } from './link.ts';

/** `symbolon seal score`. */
export const score: Leaf<{ agreement?: string; purpose?: Purpose; resume?: true; out?: string }> = {
  name: 'score <model>',
  summary:
    'have a score of each patient computed on ciphertexts by a linear or logistic model; for data stewards alone',
  description:
    'MODEL is the number of one that was asked, or a file. With --resume it is the number of a run that was stopped. Scores are kept sealed under the key of\n' +
    'their table and are never released; --out writes them with the patients whose they are, as CSV, for who may see rows.',
  endsOnSignal: true,
  served: true,
  examples: [
    'symbolon seal score risk.yaml --agreement 3kQx9a',
    'symbolon seal score 3 --out scores.csv',
    'symbolon seal score 4 --resume',
  ],
  options: (command) =>
    command
      .option('--agreement <hash>', 'of a model that was not asked yet')
      .option('--resume', 'go on with a run in which the server stopped')
      .option('--out <file>', 'where the scores go, as CSV')
      .addOption(purposeOption()),
  run: async ({ ui, home, at, cleanup }, [typed], { agreement, purpose, resume, out }) =>
    withServer(home, at, async (client) => {
      const begin = await begun(client, typed!, { agreement, purpose, resume });
      const run = await progressFor(ui).step('Scores, over encrypted data', (update) =>
        followRun(client, begin, {
          signal: cleanup.signal,
          onProgress: (event) => update(progressLine(event)),
        }),
      );
      const scored = await scoredOf(client, run);
      if (scored === undefined)
        throw new UsageError(`run ${run} gave no scores: it was a question`, `See: symbolon seal open ${run}`);
      if (out !== undefined) await writeScores(client, run, out, cleanup);
      const afterwards = (): void => {
        if (out === undefined) ui.note(`Next, a data steward: symbolon seal open ${run} --out scores.csv`);
      };
      return {
        json: { run, scored, ...(out === undefined ? {} : { file: out }) },
        text: scoredText(run, scored, out),
        afterwards,
      };
    }),
};
