import type { Agreement } from '../schema.ts';
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
    ...(outsourcing === undefined ? [] : [['outsourced', outsourcedWords(outsourcing)] as const]),
  ];
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
}: NonNullable<Agreement['outsourcing']>): string {
  return [
    `${compute} computes on encrypted tables of ${owner}, who alone holds the key and reads results`,
    `tables: ${Object.keys(tables).join(', ')}; as ${methods.join(', ')}`,
    `a value is handed on if at least ${count(minPatients, 'patient')} stand behind it; at most ${count(maxRuns, 'run')}`,
  ].join('\n');
}
