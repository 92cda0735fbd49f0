import { parseDecimal } from '@symbolon/sql';
import { describeMoments, type Moments, moments } from '../../statistics/moments.ts';
import { quantile, quantileSummary } from '../../statistics/quantile.ts';
import type { Estimate, MethodResult } from '../../statistics/result.ts';
import type { Method } from '../methods.ts';
import { call, constant } from '../tree.ts';
import { momentsOf, ofMoments } from './means.ts';
import { type About, find, optionsOf, type Reducer } from './question.ts';
import { withheldNote } from './withheld.ts';

type Describe = Extract<Method, { name: 'describe' }>;

/** n, mean, variance and quantiles of each item, of the rows that have it. */
export const describeReducer: Reducer<Describe> = {
  question(items, { quantiles }) {
    const aggregates = items.flatMap(({ tree, name }) => [
      ...Object.entries(ofMoments(tree)).map(([kind, of]) => [`${kind} ${name}`, of] as const),
      ...quantiles.map((p) => [`${p} ${name}`, call('quantile_cont', [tree, constant(parseDecimal(p)!)])] as const),
    ]);
    return { keys: [], aggregates: Object.fromEntries(aggregates) };
  },
  finish: (cells, about) =>
    each(about, (item) => {
      const { quantiles } = about.method;
      const values = momentsOf(cells, [], ` ${item}`);
      const withheld = [
        ...(cells.shows([], `n ${item}`) ? [] : [item]),
        ...quantiles.filter((p) => !cells.shows([], `${p} ${item}`)).map((p) => `${quantileName(p)} of ${item}`),
      ];
      return { values, withheld, quantiles: quantiles.map((p) => cells.number([], `${p} ${item}`)) };
    }),
  plain: (rows, about) =>
    each(about, (item) => {
      const numbers = rows.flatMap((row) => (row[item] === null ? [] : [Number(row[item])]));
      const { type } = find(about.items, item);
      const scale = type.kind === 'number' ? type.scale : 0;
      const at = (p: string): number | null => {
        if (numbers.length === 0) return null;
        // In whole numbers, so that a half is one; it is rounded away from zero.
        const units = numbers.map((value) => Math.round(value * 10 ** scale));
        const value = quantile(quantileSummary(units, Number(p)), optionsOf(about)).estimates[0]!.value!;
        return (Math.sign(value) * Math.round(Math.abs(value))) / 10 ** scale;
      };
      return { values: moments(numbers), withheld: [], quantiles: about.method.quantiles.map(at) };
    }),
};

interface Described {
  readonly values: Moments;
  readonly quantiles: readonly (number | null)[];
  readonly withheld: readonly string[];
}

function each(about: About<Describe>, of: (item: string) => Described): MethodResult {
  const items = about.items.map(({ name }) => name);
  const results = items.map((item) => {
    const { values, quantiles, withheld } = of(item);
    const { estimates, notes } = describeMoments(values, optionsOf(about));
    const more = about.method.quantiles.map((p, i): Estimate => {
      const unknown = { scale: 'identity', standardError: null, interval: null, test: null } as const;
      return { name: quantileName(p), value: quantiles[i]!, n: values.n, ...unknown };
    });
    const name = (what: string): string => (items.length === 1 ? what : `${item}: ${what}`);
    return {
      n: values.n,
      estimates: [...estimates, ...more].map((estimate) => ({ ...estimate, name: name(estimate.name) })),
      notes: [
        ...(withheld.includes(item) ? [] : notes.map((note) => ({ ...note, text: name(note.text) }))),
        ...(withheld.length === 0 ? [] : [withheldNote(withheld, about.minPatients)]),
      ],
    };
  });
  return {
    method: 'means and variances',
    n: Math.max(...results.map(({ n }) => n)),
    estimates: results.flatMap(({ estimates }) => estimates),
    tests: [],
    notes: results.flatMap(({ notes }) => notes),
  };
}

const quantileName = (p: string): string => (p === '0.5' ? 'median' : `quantile ${p}`);
