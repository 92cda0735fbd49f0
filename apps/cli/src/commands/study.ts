import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import type { Purpose } from '@symbolon/agreement';
import { explainMethod, explainStudy, linesOf } from '@symbolon/analytics';
import {
  type ReleasedStudy,
  reportOfRun,
  type StudyExplanation,
  type StudyInfo,
  type StudyRunInfo,
} from '@symbolon/party';
import { csvFiles, json, page } from '@symbolon/report';
import type { Leaf } from '../command.ts';
import { runStudyAt, withView } from '../organisation.ts';
import { progressFor } from '../progress.ts';
import { purposeOption } from '../purpose-option.ts';
import { runNumber } from '../run-number.ts';
import type { Place } from '../server-options.ts';
import { readAgreementFile, readStudyFile } from '../study/agreement-file.ts';
import { findStudy } from '../study/find.ts';
import { bindDraft } from '../study/needed.ts';
import { reportText } from '../study/report-text.ts';
import { writeParquet } from '../study/result-files.ts';
import { bytes, counted, facts, number, table, UsageError } from '../ui.ts';
import { writeWhole } from '../whole-file.ts';
import { progressLine } from './link.ts';

interface Named {
  agreement?: string;
}

const studyArgument = 'a study file, or the name under which an agreement lists the study';
const named = (command: import('commander').Command) =>
  command.option('--agreement <hash>', 'which agreement, if that is not clear');

/** `symbolon study check`. */
export const check: Leaf<Named> = {
  name: 'check <file>',
  summary: 'whether a study file can be run under the draft of an agreement',
  description:
    'Reads a study file and binds it to what the agreement says of the data: names, types, ranges, what may be done with each\n' +
    'column. The agreement is the draft file that the study names, or the one given.',
  examples: ['symbolon study check examples/e-coaching/studies/by-age.yaml'],
  home: false,
  options: (command) => command.option('--agreement <file>', 'the draft; if absent the one that the study names'),
  run: async (_, [file], options) => {
    const { study, agreement } = readStudyFile(file!);
    const path = options.agreement ?? agreement;
    if (!existsSync(path)) {
      throw new UsageError(
        `there is no draft ${path}`,
        'Add --agreement FILE, or ask for a signed one: symbolon study explain',
      );
    }
    const terms = readAgreementFile(path);
    const bound = await bindDraft(study, terms);
    const words = bound.kind === 'method/1' ? explainMethod(bound) : explainStudy(bound);
    const listed = terms.studies.list.some(({ name }) => name === study.name);
    return {
      json: { study: study.name, title: study.title, ok: true, listed, words },
      text: `${linesOf(words).join('\n')}\n\n${listed ? 'It can be run.' : 'It can be run once the draft lists it: add its file to `studies`.'}`,
    };
  },
};

/** `symbolon study explain`. */
export const explain: Leaf<Named> = {
  name: 'explain <study>',
  summary: 'what a run would do: what is local, what is secure, what each party learns, its cost',
  description: `STUDY is ${studyArgument}.`,
  served: true,
  examples: ['symbolon study explain by-age', 'symbolon study explain studies/by-age.yaml --agreement 3kQx9a'],
  options: named,
  run: async ({ at }, [typed], options) => {
    const explanation = await withView(at, async (organisation) => {
      const { agreement, name } = await findStudy(organisation, typed!, options.agreement);
      return organisation.studies.explain(agreement, name);
    });
    return { json: explanation, text: explanationText(explanation) };
  },
};

/** `symbolon study approve`. */
export const approve: Leaf<Named & { by?: string; withdraw?: true }> = {
  name: 'approve <study>',
  summary: 'let a study run on your data, in the form that it has now',
  description: `A run needs the approval of every party. STUDY is ${studyArgument}.`,
  served: true,
  examples: [
    'symbolon study approve by-age --by "A. Jansen, privacy officer"',
    'symbolon study approve by-age --withdraw',
  ],
  options: (command) =>
    named(command)
      .option('--by <name>', 'who approves, for the log; your login if absent')
      .option('--withdraw', 'take the approval back'),
  run: async ({ ui, at }, [typed], { agreement: typedAgreement, by = userInfo().username, withdraw }) => {
    const info = await withView(at, async (organisation) => {
      const { agreement, name } = await findStudy(organisation, typed!, typedAgreement);
      if (withdraw === true) await organisation.studies.withdraw(agreement, name, by);
      else await organisation.studies.approve(agreement, name, by);
      return organisation.studies.show(agreement, name);
    });
    const afterwards = (): void =>
      ui.note('Next, when all parties have approved it: symbolon study run '.concat(info.name));
    return { json: info, text: infoText([info]), ...(withdraw === true ? {} : { afterwards }) };
  },
};

/** `symbolon study run`. */
export const run: Leaf<Named & { purpose?: Purpose }> = {
  name: 'run <study>',
  summary: 'run a study; needs the servers of all its parties and the key service',
  description:
    `Asks the organisation's own server to run a study, and follows it to the end. STUDY is ${studyArgument}. Ctrl-C\n` +
    'cancels the run at all parties; the next one gets fresh keys.',
  endsOnSignal: true,
  served: true,
  examples: ['symbolon study run by-age', 'symbolon study run by-age --purpose HRESCH'],
  options: (command) => named(command).addOption(purposeOption()),
  run: async ({ ui, at, cleanup }, [typed], options) => {
    const { agreement, name } = await withView(at, (organisation) =>
      findStudy(organisation, typed!, options.agreement),
    );
    const info = await progressFor(ui).step('Study, over encrypted data', (update) =>
      runStudyAt(
        at,
        { agreement, study: name, purpose: options.purpose },
        { signal: cleanup.signal, onProgress: (event) => update(progressLine(event)) },
      ),
    );
    const { released, text } = await resultOf(at, info);
    const afterwards = (): void =>
      ui.note(
        released === null
          ? `The result is for ${info.details!.to.join(', ')}.`
          : `Next: symbolon study export ${info.id} --out report.html`,
      );
    return { json: { ...info, released }, text, afterwards };
  },
};

/** `symbolon study list`. */
export const list: Leaf<object> = {
  name: 'list',
  summary: 'the studies of all agreements, who has approved them, and all runs',
  served: true,
  examples: ['symbolon study list'],
  run: async ({ ui, at }) => {
    const { studies, runs } = await withView(at, async ({ studies: queries }) => ({
      studies: await queries.list(),
      runs: await queries.runs(),
    }));
    if (studies.length === 0) ui.say('No studies yet. Draft an agreement: symbolon agreement draft-studies FILE');
    const parts = [studies.length === 0 ? '' : infoText(studies), runs.length === 0 ? '' : runsText(runs)];
    return { json: { studies, runs }, text: parts.filter(Boolean).join('\n\n') };
  },
};

/** `symbolon study show`. */
export const show: Leaf<object> = {
  name: 'show <run>',
  summary: 'one run: state, sizes, what was sent, and the result',
  served: true,
  examples: ['symbolon study show 1'],
  run: async ({ at }, [typed]) => {
    const id = runNumber(typed!, 'study');
    const info = await withView(at, ({ studies }) => studies.run(id));
    const { released, text } = await resultOf(at, info);
    return { json: { ...info, released }, text };
  },
};

/** `symbolon study export`. */
export const exportResult: Leaf<{ out: string }> = {
  name: 'export <run>',
  summary: 'the result of a run as a report (HTML), CSV, JSON or Parquet, by the ending of the file',
  served: true,
  examples: ['symbolon study export 1 --out report.html', 'symbolon study export 1 --out result.csv'],
  options: (command) => command.requiredOption('--out <file>', '.html, .csv, .json or .parquet'),
  run: async ({ ui, at, cleanup }, [typed], { out }) => {
    const id = runNumber(typed!, 'study');
    const ending = /\.(html|csv|json|parquet)$/.exec(out)?.[1];
    if (ending === undefined) throw new UsageError(`--out ends in .html, .csv, .json or .parquet, not ${out}`);
    const report = await withView(at, (organisation) => reportOfRun(organisation, id));
    if (ending === 'parquet') await writeParquet(resolve(out), report);
    else {
      const text = ending === 'html' ? page(report) : ending === 'json' ? json(report) : csvFiles(report)[0]!.text;
      await writeWhole(out, one(text), cleanup);
    }
    ui.say(`Written: ${out}`);
    return { json: { run: id, file: out } };
  },
};

/** A run, and what it released to this organisation. */
function resultOf(at: Place, info: StudyRunInfo): Promise<{ released: ReleasedStudy | null; text: string }> {
  return withView(at, async (organisation) => {
    const released = await organisation.studies.result(info.id);
    const report = released === null ? '' : reportText(await reportOfRun(organisation, info.id));
    return { released, text: [runText(info), report].filter(Boolean).join('\n\n') };
  });
}

async function* one(text: string): AsyncGenerator<string> {
  yield text;
}

function infoText(infos: readonly StudyInfo[]): string {
  const rows = infos.map(({ name, agreement, to, runsLeft, approvals, approvalsNeeded }) => [
    name,
    agreement.slice(0, 8),
    to.join(', '),
    number(runsLeft),
    approvals.length === 0
      ? 'not approved'
      : `approved by ${approvals.map(({ by }) => by).join(', ')}${approvals.length < approvalsNeeded ? ` (${approvalsNeeded} needed)` : ''}`,
  ]);
  return table(['study', 'agreement', 'result to', 'runs left', 'here'], rows);
}

function runsText(runs: readonly StudyRunInfo[]): string {
  const rows = runs.map(({ id, study, state, startedAt, error }) => [
    id,
    study,
    error?.startsWith('cancelled: ') ? 'cancelled' : state,
    startedAt.slice(0, 16),
    state === 'failed' ? error!.split(':', 1)[0] : '',
  ]);
  return table(['run', 'study', 'state', 'started', 'error'], rows);
}

function runText({
  id,
  study,
  agreement,
  state,
  error,
  startedAt,
  endedAt,
  session,
  details,
  logEpoch,
  logIndex,
}: StudyRunInfo): string {
  const rows: [string, string][] = [
    ['run', String(id)],
    ['study', study],
    ['agreement', agreement],
    ['state', error === null ? state : `${state}: ${error}`],
    ['started', startedAt],
  ];
  if (endedAt !== null) rows.push(['ended', endedAt]);
  if (session !== null) rows.push(['session', session]);
  if (details !== null) {
    const { parties, to, sizes, seconds, sessions, rounds, cut = {}, leftOut = {}, bytes: moved } = details;
    const rowsOf = Object.entries(sizes).map(
      ([alias, holders]) =>
        `${alias} ${Object.entries(holders)
          .map(([party, size]) => `${number(size.rows)} (${party})`)
          .join(', ')}`,
    );
    rows.push(
      ['parties', parties.join(', ')],
      ['result to', to.join(', ')],
      ['rows', rowsOf.join('; ')],
      ...Object.entries(leftOut).flatMap(([alias, records]): [string, string][] =>
        records === 0 ? [] : [['left out', `${counted(records, 'own row')} of ${alias}, of people who opted out`]],
      ),
      ...Object.entries(cut).map(([spoke, records]): [string, string] => [
        'cut',
        `${counted(records, 'own row')} left out under one key or more, joining ${spoke}, where too many share its value`,
      ]),
      ['took', `${seconds.toFixed(1)} s, ${counted(sessions, 'session')}, ${number(rounds)} rounds`],
      ['bytes', `sent ${bytes(moved.sent)}, received ${bytes(moved.received)}, answer key ${bytes(moved.answerKey)}`],
    );
  }
  if (logIndex !== null) rows.push(['statement', `log epoch ${logEpoch}, entry ${logIndex}`]);
  return facts(rows);
}

function explanationText({ title, study, parties, to, words, atMost, units }: StudyExplanation): string {
  const cost = units.map(({ parties: own, rounds, sentBytes, answerKeyBytes, seconds }) => {
    const sent = own.map((id, i) => `${id} ${bytes(sentBytes[i]!.reduce((sum, one) => sum + one, 0))}`);
    return `${own.join(', ')}: ${number(rounds)} rounds; sent by ${sent.join(', ')}; answer key ${bytes(answerKeyBytes)}; about ${Math.ceil(seconds)} s`;
  });
  return [
    facts([
      ['agreement', title],
      ['study', study],
      ['parties', parties.join(', ')],
      ['result to', to.join(', ')],
    ]),
    linesOf(words).join('\n'),
    ...(cost.length === 0 ? [] : [`Cost, by session:\n${cost.map((line) => `  ${line}`).join('\n')}`]),
    ...(atMost.length === 0 ? [] : [`Sizes not known here, so the most that is agreed: ${atMost.join(', ')}.`]),
  ].join('\n\n');
}
