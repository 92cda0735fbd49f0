import type { Agreement } from '../schema.ts';
import type { StudyTable } from '../study-schema.ts';
import { allowedWords } from '../template.ts';
import { count, listed, type Words } from './text.ts';

/** Studies that are not listed in full: templates, free ones, and those that another computes on ciphertexts. */
export function questionWords({ studies, outsourcing }: Pick<Agreement, 'studies' | 'outsourcing'>): Words {
  const { templates = [], free } = studies ?? {};
  return [
    ...templates.map(({ name, parameters, to, maxRuns }): [string, string] => {
      const choices = Object.entries(parameters).map(([parameter, is]) => {
        const about = is.description === undefined ? '' : `${is.description}; `;
        return `- ${parameter}: ${about}${allowedWords(is)}`;
      });
      const head = `'${name}', for ${listed(to)}, at most ${count(maxRuns, 'run')} of all choices together`;
      return ['template', [head, ...choices].join('\n')];
    }),
    ...(free === undefined ? [] : [['free', freeWords(free)] as const]),
    ...Object.entries(studies?.tables ?? {}).flatMap(([name, table]) =>
      encryptedWords(name, table).map((words): [string, string] => ['encrypted', words]),
    ),
    ...(outsourcing === undefined ? [] : [['outsourced', outsourcedWords(outsourcing)] as const]),
  ];
}

/** Rows of a study's table that their holders have encrypted at a server, a sentence each. */
export function encryptedWords(name: string, { holders }: Pick<StudyTable, 'holders'>): string[] {
  return holders.flatMap(({ party, compute }) =>
    compute === undefined
      ? []
      : [
          `${compute} computes on the rows of ${name} of ${party}, encrypted under a key of ${party} alone; what ${party} decrypts is added up with what the others have, and shown to nobody`,
        ],
  );
}

function freeWords({
  by,
  tables,
  methods,
  to,
  maxRuns,
}: NonNullable<NonNullable<Agreement['studies']>['free']>): string {
  const what = `any question over ${listed(tables)} that their columns' rules allow, as ${methods.join(', ')}`;
  return `${listed(by)} may ask ${what}; learnt by ${listed(to)} alone; at most ${count(maxRuns, 'run')} together`;
}

function outsourcedWords({
  owner,
  compute,
  tables,
  methods,
  minPatients,
  maxRuns,
  models = {},
}: NonNullable<Agreement['outsourcing']>): string {
  return [
    `${compute} computes on encrypted tables of ${owner}, who alone holds the key and reads results`,
    `tables: ${Object.keys(tables).join(', ')}; as ${methods.join(', ')}`,
    ...(methods.includes('score')
      ? [
          `scores: one of each patient by a model whose weights ${compute} learns; for data stewards of ${owner} alone, never released`,
        ]
      : []),
    ...Object.entries(models).map(
      ([name, { table, columns, most }]) =>
        `points ${name} of ${table}, by ${listed(columns)}, 0 to ${most} a row: by a model that ${compute} alone knows; sums alone come out`,
    ),
    `a value is handed on if at least ${count(minPatients, 'patient')} stand behind it; at most ${count(maxRuns, 'run')}`,
  ].join('\n');
}
