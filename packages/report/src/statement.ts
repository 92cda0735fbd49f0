import { htmlDocument } from './document.ts';
import { csv } from './exports.ts';
import { markup } from './markup.ts';
import type { ReportTable } from './tables.ts';

/** What a licence came to in a month, to be printed. Amounts are decimals in units of the currency. */
export interface PrintedStatement {
  /** Of the licence. */
  readonly title: string;
  /** Its id. */
  readonly licence: string;
  readonly issuer: string;
  readonly licensee: string;
  readonly issued: string;
  readonly month: string;
  /** Null where nothing is paid. */
  readonly currency: string | null;
  readonly runs: readonly {
    readonly attempt: string;
    readonly study: string;
    readonly initiator: string | null;
    readonly purpose: string | null;
    readonly date: string;
    readonly amount: string;
  }[];
  readonly fee: string;
  readonly sum: string;
  readonly total: string;
  readonly split: Readonly<Record<string, string>>;
}

/** A statement as a page to print: one file that loads nothing. */
export function statementPage(statement: PrintedStatement): string {
  const { title, licence, issuer, licensee, issued, month, runs, fee, sum, total, split, currency } = statement;
  const unit = currency ?? '';
  const row = (name: string, amount: string) =>
    markup`<tr><th scope="row" colspan="4">${name}</th><td class="num">${amount}</td></tr>`;
  const body = markup`<p class="kicker">Statement of ${month}, by ${issuer} for ${licensee}</p>
<h1>${title}</h1>
<dl><dt>Licence</dt><dd><code>${licence}</code></dd><dt>Issued</dt><dd>${issued}</dd></dl>
<div class="scroll"><table>
<caption>Runs that opened their result</caption>
<thead><tr><th scope="col">Date</th><th scope="col">Study</th><th scope="col">Purpose</th><th scope="col">Attempt</th><th scope="col" class="num">${unit}</th></tr></thead>
<tbody>${runs.map(
    ({ date, study, purpose, attempt, amount }) =>
      markup`<tr><td>${date.slice(0, 16).replace('T', ' ')}</td><td>${study}</td><td>${purpose ?? '–'}</td><td><code>${attempt.slice(0, 12)}</code></td><td class="num">${amount}</td></tr>`,
  )}
${row('The month', fee)}
${row('Sum', sum)}
${row('To be paid, rounded once', total)}
${Object.entries(split).map(([id, amount]) => row(`of which to ${id}`, amount))}</tbody>
</table></div>
<footer>All parties of a run have signed what this statement counts. Verify the signed file with: symbolon licence verify FILE</footer>`;
  return htmlDocument(`${title}, ${month}`, body);
}

/** Its runs as CSV, then the fee of the month: amounts sum to the statement's sum. */
export function statementCsv({ runs, fee, month, licence, currency }: PrintedStatement): string {
  const names = ['licence', 'date', 'study', 'initiator', 'purpose', 'attempt', 'currency', 'amount'];
  const columns: ReportTable['columns'] = names.map((name) => ({ name, type: 'VARCHAR' }));
  const rows = runs.map(({ date, study, initiator, purpose, attempt, amount }) => [
    ...[licence, date, study, initiator, purpose, attempt, currency],
    amount,
  ]);
  return csv({ name: 'runs', columns, rows: [...rows, [licence, month, 'month', null, null, null, currency, fee]] });
}
