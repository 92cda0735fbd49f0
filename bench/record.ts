import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Row } from './row.ts';

const file = join(import.meta.dirname, 'RESULTS.md');
const head = `# Results

What \`npm run bench -- NAME --record\` measured last, with date and machine. The machines are shared and noisy: read a time as an upper bound. \`limit\` is the bar that a figure
must not exceed (of kernels, and side by side with others: what it must reach).
`;

/** Puts the rows of a bench into RESULTS.md, in place of its rows of before. */
export function record(name: string, rows: readonly Row[], date: Date): void {
  const sections = new Map<string, string>();
  if (existsSync(file)) {
    for (const section of readFileSync(file, 'utf8')
      .split(/^(?=## )/m)
      .slice(1)) {
      sections.set(/^## (.*)$/m.exec(section)![1]!, section.trimEnd());
    }
  }
  const lines = rows.map(
    ({ case: what, n, value, unit, limit, ok }) =>
      `| ${what} | ${n.toLocaleString('en')} | ${value} ${unit} | ${limit ?? ''} | ${limit === null ? '' : ok ? 'yes' : 'no'} |`,
  );
  sections.set(
    name,
    [
      `## ${name}`,
      '',
      `${date.toISOString().slice(0, 10)}, ${machine()}.`,
      '',
      '| case | n | value | limit | met |',
      '|---|--:|--:|--:|---|',
      ...lines,
    ].join('\n'),
  );
  const sorted = [...sections].sort(([x], [y]) => (x < y ? -1 : 1)).map(([, section]) => section);
  writeFileSync(file, `${[head.trimEnd(), ...sorted].join('\n\n')}\n`);
}

function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu!.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}, Node ${process.version}`;
}
