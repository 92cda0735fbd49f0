import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fault, unverifiedPayload } from '@symbolon/crypto';
import type { LicenceInfo, StatementFile, VerifiedStatement } from '@symbolon/party';
import { type PrintedStatement, statementCsv, statementPage } from '@symbolon/report';
import type { Leaf } from '../command.ts';
import { licenceTable, licenceText } from '../licence-text.ts';
import { withView } from '../organisation.ts';
import { counted, facts, table, UsageError } from '../ui.ts';

type Statement = Omit<PrintedStatement, 'title' | 'licensee'>;

/** `symbolon licence list`. */
export const list: Leaf<object> = {
  name: 'list',
  summary: 'licences that this organisation has, or has given',
  served: true,
  examples: ['symbolon licence list'],
  run: async ({ ui, at }) => {
    const all = await withView(at, ({ market }) => market.list());
    if (all.length === 0) ui.say('No licences yet. Look at a catalogue: symbolon market browse PARTNER');
    return { json: all, text: all.length === 0 ? '' : licenceTable(all) };
  },
};

/** `symbolon licence show`. */
export const show: Leaf<object> = {
  name: 'show <licence>',
  summary: 'one licence: for whom, whose data, price, runs',
  served: true,
  examples: ['symbolon licence show 3kQx9a'],
  run: async ({ at }, [hash]) => {
    const info = await withView(at, ({ market }) => market.show(hash!));
    return { json: info, text: licenceText(info) };
  },
};

/** `symbolon licence uses`. */
export const uses: Leaf<object> = {
  name: 'uses [licence]',
  summary: 'every use of a licence, or of all: who, what, what for, where the log says so',
  served: true,
  examples: ['symbolon licence uses', 'symbolon licence uses 3kQx9a'],
  run: async ({ ui, at }, [hash]) => {
    const all = await withView(at, ({ market }) => market.uses(hash));
    if (all.length === 0) ui.say('No uses yet.');
    const rows = all.map(({ date, licence, study, sealed, initiator, purpose, to, log }) => [
      `${date.slice(0, 16).replace('T', ' ')}Z`,
      licence.slice(0, 8),
      sealed === true ? `${study} (encrypted)` : study,
      initiator ?? '–',
      purpose ?? '–',
      to.join(', '),
      log === null ? '–' : log.epoch === 1 ? String(log.index) : `${log.epoch}/${log.index}`,
    ]);
    const head = ['when', 'licence', 'study', 'started by', 'purpose', 'result to', 'log'];
    return { json: all, text: rows.length === 0 ? '' : table(head, rows) };
  },
};

/** `symbolon licence usage`. */
export const usage: Leaf<{ month?: string }> = {
  name: 'usage <licence>',
  summary: 'what a licence came to in a month',
  served: true,
  examples: ['symbolon licence usage 3kQx9a', 'symbolon licence usage 3kQx9a --month 2026-11'],
  options: (command) => command.option('--month <yyyy-mm>', 'this month, if absent'),
  run: async ({ at }, [hash], { month = thisMonth() }) => {
    const found = await withView(at, ({ market }) => market.usage(hash!, month));
    return { json: found, text: usageText(found) };
  },
};

/** `symbolon licence statement`. */
export const statement: Leaf<{ month?: string; out?: string }> = {
  name: 'statement <licence>',
  summary: 'state a month, signed, with the proofs of its runs; or print it as CSV or a page',
  description:
    'Makes the signed statement of a month with the statement of each run that all its parties signed, and the proof that the log holds it. The\n' +
    'ending of --out says what is written: .json, the signed file, which others verify; .csv, its runs; .html, a page to print.',
  served: true,
  examples: [
    'symbolon licence statement 3kQx9a --month 2026-11 --out november.json',
    'symbolon licence statement 3kQx9a --month 2026-11 --out november.html',
  ],
  options: (command) =>
    command
      .option('--month <yyyy-mm>', 'this month, if absent')
      .option('--out <file>', 'a new file, .json, .csv or .html'),
  run: async ({ ui, at }, [hash], { month = thisMonth(), out }) => {
    const write = out === undefined ? undefined : writerFor(out);
    const { file, info } = await withView(at, async ({ market }) => ({
      info: await market.show(hash!),
      file: await market.state(hash!, month),
    }));
    if (write !== undefined) {
      writeFileSync(out!, write(file, info), { flag: 'wx', mode: 0o600 });
      ui.say(`${ui.talk.green('✔')} ${out}`);
    }
    return { json: file, text: usageText(stated(file)) };
  },
};

/** `symbolon licence verify`. */
export const verify: Leaf<object> = {
  name: 'verify <file>',
  summary: 'verify a statement: signatures, figures, and whether it lists the runs that are known here',
  served: true,
  examples: ['symbolon licence verify november.json'],
  run: async ({ ui, at }, [path]) => {
    const file = readJson(path!);
    const { statement: found, unknown, missing, proofs } = await withView(at, ({ market }) => market.verify(file));
    const differs = [
      ...(unknown ?? []).map((attempt) => `it lists ${attempt}, which is not known here`),
      ...(missing ?? []).map((attempt) => `it leaves out ${attempt}`),
      ...(proofs ?? []).flatMap(({ attempt, entry }) =>
        entry === null ? [`the log of ${found.issuer} did not hold ${attempt}`] : [],
      ),
    ];
    for (const line of differs) ui.say(`${ui.talk.red('✘')} ${line}`);
    const known =
      unknown === null
        ? 'the licence is not known here, so its runs could not be compared'
        : 'its runs are those known here';
    if (differs.length === 0)
      ui.say(`${ui.talk.green('✔')} ${found.issuer} signed it, every figure follows from its runs; ${known}.`);
    ui.say(proofsText(found.issuer, proofs));
    return {
      json: { statement: found, unknown, missing, proofs },
      text: usageText(found),
      exitCode: differs.length === 0 ? 0 : 1,
    };
  },
};

/** What the log of a statement's issuer proves of its runs. */
function proofsText(issuer: string, proofs: VerifiedStatement['proofs']): string {
  if (proofs === null) return `The key of the log of ${issuer} is not known here, so its proofs could not be verified.`;
  const held = proofs.filter(({ entry }) => entry !== null);
  const [first, ...rest] = held.map(({ witnesses }) => witnesses);
  const cosigned = (first ?? []).filter((id) => rest.every((witnesses) => witnesses.includes(id)));
  const who =
    cosigned.length === 0 ? 'nobody known here has cosigned that for all' : `cosigned by ${cosigned.join(', ')}`;
  return `The log of ${issuer} holds ${held.length} of ${counted(proofs.length, 'run')}; ${who}.`;
}

function writerFor(out: string): (file: StatementFile, info: LicenceInfo) => string {
  if (existsSync(out)) throw new UsageError(`${out} is there already`, 'Name another file, or remove this one.');
  const printed = (file: StatementFile, { title, licensee }: LicenceInfo): PrintedStatement => ({
    ...stated(file),
    title,
    licensee,
  });
  if (out.endsWith('.json')) return (file) => `${JSON.stringify(file)}\n`;
  if (out.endsWith('.csv')) return (file, info) => statementCsv(printed(file, info));
  if (out.endsWith('.html')) return (file, info) => statementPage(printed(file, info));
  throw new UsageError(`${out}: what is written follows from its ending`, 'Use .json, .csv or .html.');
}

/** The own server has made it a moment ago. */
function stated({ statement: document }: StatementFile): Statement {
  return unverifiedPayload(document) as unknown as Statement;
}

function usageText({
  month,
  currency,
  runs,
  fee,
  sum,
  total,
  split,
}: Omit<Statement, 'licence' | 'issuer' | 'issued'>): string {
  const unit = currency === null ? '' : ` ${currency}`;
  const lines = runs.map(({ date, study, initiator, purpose, amount }) => [
    date.slice(0, 10),
    study,
    initiator ?? '–',
    purpose ?? '–',
    amount,
  ]);
  const figures = facts([
    ['month', month],
    ['runs', runs.length],
    ['fee', `${fee}${unit}`],
    ['sum', `${sum}${unit}`],
    ['to pay', `${total}${unit}`],
    ...Object.entries(split).map(([id, amount]) => [`to ${id}`, `${amount}${unit}`] as const),
  ]);
  return lines.length === 0
    ? figures
    : `${table(['date', 'study', 'started by', 'purpose', 'amount'], lines)}\n\n${figures}`;
}

function thisMonth(): string {
  return new Date().toISOString().slice(0, 7);
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw fault('bad-document', `${path} is not JSON`, { culprit: path });
  }
}
