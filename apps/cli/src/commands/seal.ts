import type { Purpose } from '@symbolon/agreement';
import { linesOf } from '@symbolon/analytics';
import { followRun, sealed } from '@symbolon/party';
import { csvFiles, json, page, type Report } from '@symbolon/report';
import type { ApiClient } from '@symbolon/service';
import type { Leaf } from '../command.ts';
import { cutsOf, cutsOption } from '../cuts-option.ts';
import { progressFor } from '../progress.ts';
import { purposeOption } from '../purpose-option.ts';
import { withServer } from '../server.ts';
import { reportText } from '../study/report-text.ts';
import { begun, questionText } from '../study/sealed-begin.ts';
import { recomputedWords, sealedReport } from '../study/sealed-report.ts';
import { scoredOf, scoredText, writeScores } from '../study/sealed-scores.ts';
import { facts, UsageError } from '../ui.ts';
import { writeWhole } from '../whole-file.ts';
import { progressLine } from './link.ts';
import { numberOf } from './seal-keys.ts';

/** `symbolon seal encrypt`. */
export const encrypt: Leaf<{ agreement: string; key: string; cut: string[]; features?: string[] }> = {
  name: 'encrypt <table>',
  summary: 'encrypt a data set as an agreement says, chunk by chunk; nothing is sent',
  endsOnSignal: true,
  served: true,
  examples: [
    'symbolon seal encrypt patients --agreement 3kQx9a --key 1 --cut age=30,60',
    'symbolon seal encrypt patients --agreement 3kQx9a --key 2 --features age,cost',
  ],
  options: (command) =>
    command
      .requiredOption('--agreement <hash>', 'the agreement that lists the table')
      .requiredOption('--key <number>', 'the key, which is open')
      .option('--features <columns>', 'for scores: the columns that they are computed from, with commas', columnsOf)
      .addOption(cutsOption()),
  run: async ({ ui, home, at, cleanup }, [name], { agreement, key, cut, features }) => {
    const body = { agreement, name: name!, key: numberOf(key, 'key'), cuts: cutsOf(cut), features };
    const id = await withServer(home, at, (client) =>
      progressFor(ui).step('Encrypted', (update) =>
        followRun(client, () => client.call(sealed.encryptTable, { body }), {
          signal: cleanup.signal,
          onProgress: (event) => update(progressLine(event)),
        }),
      ),
    );
    const afterwards = (): void => ui.note(`Next: symbolon seal upload ${id}`);
    return { json: { table: id }, text: facts([['table', String(id)]]), afterwards };
  },
};

/** `symbolon seal upload`. */
export const upload: Leaf<object> = {
  name: 'upload <table>',
  summary: 'send an encrypted table to the server that computes, or go on where it broke off',
  endsOnSignal: true,
  served: true,
  examples: ['symbolon seal upload 1'],
  run: async ({ ui, home, at, cleanup }, [typed]) => {
    const table = numberOf(typed!, 'table');
    await withServer(home, at, (client) =>
      progressFor(ui).step('Uploaded', (update) =>
        followRun(client, () => client.call(sealed.uploadTable, { params: { table } }), {
          signal: cleanup.signal,
          onProgress: (event) => update(progressLine(event)),
        }),
      ),
    );
    const afterwards = (): void => ui.note("Next: symbolon seal run 'SELECT …' --agreement HASH");
    return { json: { table }, text: facts([['table', `${table}, at the server`]]), afterwards };
  },
};

/** `symbolon seal remove`. */
export const remove: Leaf<object> = {
  name: 'remove <table>',
  summary: 'delete an encrypted table, here and at its server',
  served: true,
  examples: ['symbolon seal remove 1'],
  run: async ({ ui, home, at }, [typed]) => {
    const table = numberOf(typed!, 'table');
    await withServer(home, at, (client) => client.call(sealed.removeSealedTable, { params: { table } }));
    ui.say(`${ui.talk.green('✔')} Deleted: table ${table}.`);
    return { json: { table } };
  },
};

/** `symbolon seal ask`. */
export const ask: Leaf<{ agreement: string }> = {
  name: 'ask <question>',
  summary: 'ask a question of an encrypted table; people approve it before it runs',
  description: 'QUESTION is a SELECT, or a study file with a method.',
  served: true,
  examples: ["symbolon seal ask 'SELECT treated, COUNT(*) FROM patients GROUP BY treated' --agreement 3kQx9a"],
  options: (command) => command.requiredOption('--agreement <hash>', 'the agreement that lists the table'),
  run: async ({ ui, home, at }, [typed], { agreement }) => {
    const body = { agreement, text: questionText(typed!) };
    const asked = await withServer(home, at, (client) => client.call(sealed.askSealed, { body }));
    const needed = asked.approvalsNeeded > asked.approvals.length;
    const afterwards = (): void =>
      ui.note(`Next: symbolon seal ${needed ? `approve ${asked.id}, then ` : ''}run ${asked.id}`);
    return {
      json: asked,
      text: `${facts([['question', String(asked.id)]])}\n\n${linesOf(asked.words).join('\n')}`,
      afterwards,
    };
  },
};

/** `symbolon seal approve`. */
export const approve: Leaf<{ withdraw?: true }> = {
  name: 'approve <question>',
  summary: 'let a question be computed on the encrypted table, in the form that it has now',
  served: true,
  examples: ['symbolon seal approve 1', 'symbolon seal approve 1 --withdraw'],
  options: (command) => command.option('--withdraw', 'take all approvals back'),
  run: async ({ ui, home, at }, [typed], { withdraw }) => {
    const question = numberOf(typed!, 'question');
    const params = { question };
    await withServer(home, at, async (client) => {
      if (withdraw === true) await client.call(sealed.withdrawSealedApproval, { params });
      else await client.call(sealed.approveSealed, { params });
    });
    ui.say(`${ui.talk.green('✔')} ${withdraw === true ? 'Taken back' : 'Approved'}: question ${question}.`);
    return { json: { question } };
  },
};

/** `symbolon seal run`. */
export const run: Leaf<{ agreement?: string; purpose?: Purpose; resume?: true }> = {
  name: 'run <question>',
  summary: 'have a question computed on ciphertexts, open and check the result, and show what may be shown',
  description:
    'QUESTION is the number of one that was asked, a SELECT, or a study file. With --resume it is the number of a run that was stopped.',
  endsOnSignal: true,
  served: true,
  examples: [
    'symbolon seal run 1',
    "symbolon seal run 'SELECT COUNT(*) FROM patients' --agreement 3kQx9a",
    'symbolon seal run 2 --resume',
  ],
  options: (command) =>
    command
      .option('--agreement <hash>', 'of a question that was not asked yet')
      .option('--resume', 'go on with a run in which the server stopped')
      .addOption(purposeOption()),
  run: async ({ ui, home, at, cleanup }, [typed], { agreement, purpose, resume }) =>
    withServer(home, at, async (client) => {
      const begin = await begun(client, typed!, { agreement, purpose, resume });
      const id = await progressFor(ui).step('Question, over encrypted data', (update) =>
        followRun(client, begin, {
          signal: cleanup.signal,
          onProgress: (event) => update(progressLine(event)),
        }),
      );
      const scored = await scoredOf(client, id);
      if (scored !== undefined) {
        const next = (): void => ui.note(`Next, a data steward: symbolon seal open ${id} --out scores.csv`);
        return { json: { run: id, scored }, text: scoredText(id, scored), afterwards: next };
      }
      const { report, recomputed, ...shown } = await resultOf(client, id);
      const afterwards = (): void => ui.note(`Next: symbolon seal open ${id} --out report.html`);
      return { json: shown, text: `${reportText(report)}\n\n${facts([['the result is', recomputed]])}`, afterwards };
    }),
};

/** `symbolon seal open`. */
export const open: Leaf<{ out?: string }> = {
  name: 'open <run>',
  summary: 'what a run released: on the terminal, or as a report (HTML), CSV or JSON by the ending of a file',
  description: 'Scores of patients are written as CSV, for data stewards, while the key of their table is open.',
  served: true,
  examples: ['symbolon seal open 1', 'symbolon seal open 1 --out report.html', 'symbolon seal open 1 --out result.csv'],
  options: (command) => command.option('--out <file>', '.html, .csv or .json'),
  run: async ({ ui, home, at, cleanup }, [typed], { out }) => {
    const id = numberOf(typed!, 'run');
    const ending = out === undefined ? 'none' : /\.(html|csv|json)$/.exec(out)?.[1];
    if (ending === undefined) throw new UsageError(`--out ends in .html, .csv or .json, not ${out}`);
    const scored = await withServer(home, at, async (client) => {
      const found = await scoredOf(client, id);
      if (found !== undefined && ending === 'csv') await writeScores(client, id, out!, cleanup);
      else if (found !== undefined && out !== undefined) throw new UsageError(`scores are written as .csv, not ${out}`);
      return found;
    });
    if (scored !== undefined) {
      const file = out === undefined ? {} : { file: out };
      return { json: { run: id, scored, ...file }, text: scoredText(id, scored, out) };
    }
    const { report, recomputed, ...shown } = await withServer(home, at, (client) => resultOf(client, id));
    if (out === undefined)
      return { json: shown, text: `${reportText(report)}\n\n${facts([['the result is', recomputed]])}` };
    const text = ending === 'html' ? page(report) : ending === 'json' ? json(report) : csvFiles(report)[0]!.text;
    await writeWhole(out, one(text), cleanup);
    ui.say(`Written: ${out}`);
    return { json: { run: id, file: out } };
  },
};

function columnsOf(typed: string): string[] {
  return typed.split(',').map((column) => column.trim());
}

async function resultOf(
  client: ApiClient,
  id: number,
): Promise<{ run: number; released: object; report: Report; recomputed: string }> {
  const params = { run: id };
  const run = await client.call(sealed.getSealedRun, { params });
  const { released } = await client.call(sealed.getSealedResult, { params });
  if (released === null) {
    throw new UsageError(
      `run ${id} has no result: it is ${run.state}`,
      run.state === 'stopped' ? `Go on with it: symbolon seal run ${id} --resume` : 'See: symbolon seal list',
    );
  }
  const question = await client.call(sealed.getSealedQuestion, { params: { question: run.question } });
  const report = await sealedReport(client, run, question, released as never);
  return { run: id, released, report, recomputed: recomputedWords[released.recomputed] };
}

async function* one(text: string): AsyncGenerator<string> {
  yield text;
}
