import {
  ascending,
  between,
  decimal,
  type Field,
  fieldsOf,
  listOf,
  oneLine,
  oneOf,
  refuse,
  wholeBetween,
} from './fields.ts';

/** A method with its parameters, all of them: plain data. Decimals are texts. */
export type Method = {
  /** Of confidence intervals, between 0 and 1. */
  readonly level: string;
} & (
  | { readonly name: 'describe'; readonly quantiles: readonly string[] }
  /** Bins by their edges, ascending; or of one width, at its multiples, over all values that there may be. */
  | { readonly name: 'histogram'; readonly bins: { readonly edges: readonly string[] } | { readonly width: string } }
  | {
      readonly name:
        | 'crosstab'
        | 'risk'
        | 'correlation'
        | 'linear-regression'
        | 'before-after'
        | 'difference-in-differences';
    }
  | {
      readonly name: 't-test';
      readonly variances: 'welch' | 'pooled';
      /** The first mean minus the second; null: the two agreed values of `grp` in their order, of a boolean TRUE first. */
      readonly groups: readonly [string, string] | null;
    }
  | {
      readonly name: 'survival';
      /** Times at which curves open: ascending, in the unit of `time`. The test compares all times. */
      readonly at: readonly string[];
      readonly scale: 'log' | 'log-log' | 'plain';
    }
  | { readonly name: 'logistic-regression'; readonly iterations: number }
);

export type MethodName = Method['name'];

/**
 * What an item of the SELECT is to a method. `value`: a number that stands bare in sums and variances, so that a column of policy
 * `aggregate` serves. `number`: one that is multiplied or compared. `boolean`, `group`: a value of a known domain, of whose values each
 * makes cells of its own. `outcome`: a boolean that is added up. `covariate`: a number, or a value of a known domain, which becomes indicators.
 */
export type Role = 'value' | 'number' | 'boolean' | 'outcome' | 'group' | 'covariate';

export interface MethodShape {
  /** As a report names it. */
  readonly title: string;
  /** Names that the SELECT gives to its items: all of one of these lists. */
  readonly items: readonly Readonly<Record<string, Role>>[];
  /** What every other item is; without it there may be none. */
  readonly others?: Role;
  /** Names of parameters, `level` apart. */
  readonly parameters: readonly string[];
  /** Whether rows may be split into strata by an item `by`. */
  readonly by: boolean;
}

/** Every method: what its SELECT names, and what a study file may set. */
export const methods: Readonly<Record<MethodName, MethodShape>> = {
  describe: { title: 'means and variances', items: [{}], others: 'value', parameters: ['quantiles'], by: true },
  histogram: { title: 'histogram', items: [{ value: 'number' }], parameters: ['edges', 'width'], by: true },
  crosstab: { title: 'cross-tabulation', items: [{ a: 'group', b: 'group' }], parameters: [], by: true },
  risk: {
    title: 'odds ratio, risk ratio, risk difference',
    items: [{ exposed: 'boolean', outcome: 'boolean' }],
    parameters: [],
    by: true,
  },
  't-test': {
    title: 't-test',
    items: [{ value: 'value', grp: 'group' }],
    parameters: ['variances', 'groups'],
    by: true,
  },
  correlation: { title: 'correlation', items: [{ x: 'number', y: 'number' }], parameters: [], by: true },
  'linear-regression': {
    title: 'linear regression',
    items: [{ y: 'number' }],
    others: 'covariate',
    parameters: [],
    by: true,
  },
  'before-after': { title: 'paired t-test', items: [{ before: 'number', after: 'number' }], parameters: [], by: true },
  'difference-in-differences': {
    title: 'difference in differences',
    items: [
      { value: 'value', after: 'boolean', treated: 'boolean' },
      { before: 'number', after: 'number', treated: 'boolean' },
    ],
    parameters: [],
    by: true,
  },
  survival: {
    title: 'Kaplan–Meier, log-rank',
    items: [
      { time: 'number', event: 'outcome' },
      { time: 'number', event: 'outcome', grp: 'group' },
    ],
    parameters: ['at', 'scale'],
    by: false,
  },
  'logistic-regression': {
    title: 'logistic regression',
    items: [{ y: 'outcome' }],
    others: 'covariate',
    parameters: ['iterations'],
    by: false,
  },
};

export const methodNames = Object.keys(methods) as MethodName[];

/**
 * The method that a study names, every parameter of it known and within its bounds.
 * @throws SymbolonError `study-invalid`, naming the field
 */
export function readMethod(named: Field, given: Field): Method {
  const name = oneOf(named, methodNames);
  const fields = fieldsOf(given, ['level', ...methods[name].parameters]);
  const read = <T>(field: string, reader: (field: Field) => T, otherwise: T): T => {
    const value = fields[field];
    return value === undefined ? otherwise : reader(value);
  };
  const level = read('level', (field) => between(field, 0, 1), '0.95');
  switch (name) {
    case 'describe':
      return { name, level, quantiles: read('quantiles', quantiles, []) };
    case 'histogram':
      return { name, level, bins: bins(given, fields) };
    case 't-test': {
      const variances = read('variances', (field) => oneOf(field, ['welch', 'pooled'] as const), 'welch');
      return { name, level, variances, groups: read<readonly [string, string] | null>('groups', twoGroups, null) };
    }
    case 'survival': {
      const { at: times } = fields;
      if (times === undefined)
        throw refuse(given, 'survival takes the times at which curves open, such as at: [90, 180, 365]');
      const at = ascending(times, [1, 1000]);
      return {
        name,
        level,
        at,
        scale: read('scale', (field) => oneOf(field, ['log', 'log-log', 'plain'] as const), 'log'),
      };
    }
    case 'logistic-regression':
      return { name, level, iterations: read('iterations', (field) => wholeBetween(field, 1, 25), 8) };
    default:
      return { name, level };
  }
}

function quantiles(field: Field): string[] {
  const values = ascending(field, [1, 20]);
  if (values.some((value) => !(Number(value) > 0 && Number(value) < 1)))
    throw refuse(field, 'each lies between 0 and 1');
  return values;
}

function twoGroups(field: Field): [string, string] {
  const [first, second] = listOf(field, oneLine, [2, 2]);
  if (first === second) throw refuse(field, 'two different values of grp are compared');
  return [first!, second!];
}

function bins(given: Field, { edges, width }: Record<string, Field>): { edges: string[] } | { width: string } {
  if ((edges === undefined) === (width === undefined))
    throw refuse(given, 'a histogram takes edges or width, such as edges: [0, 30, 60, 90]');
  if (edges !== undefined) return { edges: ascending(edges, [2, 1001]) };
  const value = decimal(width!);
  if (!(Number(value) > 0)) throw refuse(width!, 'a width is above 0');
  return { width: value };
}
