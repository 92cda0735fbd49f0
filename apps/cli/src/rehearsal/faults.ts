import { fault } from '@symbolon/crypto';
import type { DatasetInfo } from '@symbolon/party';

/** Throws `data-malformed` with the first fault of a table, if it has one. */
export function refuseFaults({
  problems,
  problemCount,
  source,
}: Pick<DatasetInfo, 'problems' | 'problemCount' | 'source'>): void {
  const [first] = problems;
  if (first === undefined) return;
  const unit = source.kind === 'csv' || source.kind === 'ndjson' ? 'line' : 'row';
  const place = `${unit} ${first.row}${first.column === null ? '' : `, column '${first.column}'`}`;
  const more = problemCount === 1 ? '' : ` (and ${problemCount - 1} more faults)`;
  throw fault('data-malformed', `${first.file}, ${place}: ${first.message}${more}`, { culprit: first.file });
}
