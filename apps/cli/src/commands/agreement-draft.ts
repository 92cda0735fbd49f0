import { readFileSync } from 'node:fs';
import { fault } from '@symbolon/crypto';
import type { DraftParams, TableDescription } from '@symbolon/party';
import { z } from 'zod';
import { agreementText } from '../agreement-text.ts';
import type { Leaf } from '../command.ts';
import { countOf, type LinkOptions, linkOptions, linkTermsOf, oneOf } from '../link-options.ts';
import { stepsOf } from '../normalise-option.ts';
import { withView } from '../organisation.ts';

interface Options extends LinkOptions {
  title: string;
  as: string;
  partner: string;
  keyService: string;
  data: string;
  partnerTable: string;
  rule: string;
  normalise?: string;
  asText?: string;
  key?: string;
  partnerKey?: string;
  maxRows?: string;
  maxRuns: string;
  from?: string;
  until?: string;
  pads: string;
  replaces?: string;
}

/** `symbolon agreement draft`. */
export const draft: Leaf<Options> = {
  name: 'draft',
  summary: 'draft an agreement with a partner',
  description:
    'Drafts an agreement with a partner: two tables, a match rule, how often and how long. It lists only the columns that the rule\n' +
    'uses; what is not listed is never read. The partner describes its table with: symbolon data show NAME --describe FILE',
  examples: [
    "symbolon agreement draft --title 'Shared patients' --partner sally --key-service keys --data members \\\n" +
      "      --partner-table patients.table.json --rule 'a.medicaid = b.medicaid'",
    "symbolon agreement draft --title 'Shared patients' --partner sally --key-service keys --data members \\\n" +
      "      --partner-table patients.table.json --rule 'agree(a.name, b.name) >= 0.9 AND agree(a.address, b.address) >= 0.9' \\\n" +
      "      --block 'a.dob = b.dob' --block 'left(a.name, 4) = left(b.name, 4) AND left(a.address, 4) = left(b.address, 4)'",
  ],
  options: (command) =>
    linkOptions(command)
      .requiredOption('--title <title>', 'title for people')
      .option('--as <side>', 'which table of the rule is your own: a or b', 'a')
      .requiredOption('--partner <id>', 'the other party')
      .requiredOption('--key-service <id>', 'who hands out one-time keys')
      .requiredOption('--data <name>', 'your own table')
      .requiredOption('--partner-table <file>', "the partner's table, as its `data show --describe` wrote it")
      .requiredOption('--rule <sql>', 'when a row of a and a row of b belong together')
      .option('--normalise <steps>', 'of texts: some of nfkd,lower,alphanumeric,squash, or none; all if absent')
      .option('--as-text <columns>', 'number columns to compare as they are written, with commas between')
      .option('--key <column>', 'your own column that tells rows apart, shown beside matches')
      .option('--partner-key <column>', "the partner's")
      .option('--max-rows <count>', 'most rows of a table; twice what the larger one has now, if absent')
      .option('--max-runs <count>', 'how many runs may open their result', '12')
      .option('--from <date>', 'first day, YYYY-MM-DD, UTC; today if absent')
      .option('--until <date>', 'last day; a year from the first if absent')
      .option('--pads <kind>', 'expanded (from seeds, by AES) or full (true one-time pads over the inputs)', 'expanded')
      .option('--replaces <hash>', 'the agreement that this one replaces'),
  served: true,
  run: async ({ ui, at }, _, options) => {
    const partnerDataset = readDescription(options.partnerTable);
    const shown = await withView(at, async ({ agreements }) => {
      const own = await agreements.describe(options.data);
      const maxRows = countOf('--max-rows', options.maxRows ?? String(2 * Math.max(own.rows, partnerDataset.rows)));
      return agreements.draft({ ...paramsOf(options), partnerDataset, maxRows });
    });
    const afterwards = (): void =>
      ui.note(
        `Next: symbolon agreement try ${shown.hash.slice(0, 8)} --pairs examples.csv, and symbolon link explain ${shown.hash.slice(0, 8)}; then sign and send it.`,
      );
    return { json: shown, text: agreementText(shown), afterwards };
  },
};

function paramsOf(options: Options): Omit<DraftParams, 'partnerDataset' | 'maxRows'> {
  const { title, as, partner, keyService, data, rule, pads, key, partnerKey, normalise, asText } = options;
  const from = options.from ?? new Date().toISOString().slice(0, 10);
  const until = options.until ?? `${Number(from.slice(0, 4)) + 1}${from.slice(4).replace('-02-29', '-02-28')}`;
  return {
    title,
    as: oneOf('--as', as, ['a', 'b']),
    partner,
    keyService,
    dataset: data,
    rule,
    pads: oneOf('--pads', pads, ['expanded', 'full']),
    ...linkTermsOf(options),
    maxRuns: countOf('--max-runs', options.maxRuns),
    term: { from, until },
    predecessor: options.replaces ?? null,
    ...(normalise === undefined ? {} : { normalise: stepsOf(normalise) }),
    ...(asText === undefined ? {} : { asText: asText.split(',').map((name) => name.trim()) }),
    ...(key === undefined ? {} : { key }),
    ...(partnerKey === undefined ? {} : { partnerKey }),
  };
}

const descriptionSchema = z.object({
  name: z.string(),
  rows: z.int(),
  columns: z.record(z.string(), z.looseObject({ type: z.string() })),
});

/** What a partner wrote about its table; the draft checks each column. */
function readDescription(file: string): TableDescription {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const result = descriptionSchema.safeParse(value);
  if (result.success) return result.data as TableDescription;
  throw fault('bad-document', `${file} is not the description of a table`, {
    culprit: file,
    hint: 'The partner writes it with: symbolon data show NAME --describe FILE',
  });
}
