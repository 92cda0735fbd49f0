import type { AggregateKind } from './bound.ts';

/** Aggregates by DuckDB's names for them, without COUNT, which has three forms. */
export const aggregateKinds: ReadonlyMap<string, Exclude<AggregateKind, 'count' | 'patients'>> = new Map([
  ['sum', 'sum'],
  ['avg', 'avg'],
  ['mean', 'avg'],
  ['var_samp', 'var_samp'],
  ['variance', 'var_samp'],
  ['stddev_samp', 'stddev_samp'],
  ['stddev', 'stddev_samp'],
  ['median', 'quantile'],
  ['quantile_cont', 'quantile'],
  ['corr', 'corr'],
]);

/** Aggregates that studies refuse: what to write. */
export const refusedAggregates: Readonly<Record<string, string>> = {
  min: 'the least value belongs to one patient; write quantile_cont(x, 0.05)',
  max: 'the greatest value belongs to one patient; write quantile_cont(x, 0.95)',
  arg_min: 'it shows a single record; write quantile_cont(x, 0.05)',
  arg_max: 'it shows a single record; write quantile_cont(x, 0.95)',
  any_value: 'it shows a single record; group by the column',
  first: 'it shows a single record; group by the column',
  last: 'it shows a single record; group by the column',
  mode: 'group by the column and write COUNT(*)',
  list: 'it shows records; write COUNT(*) with GROUP BY',
  array_agg: 'it shows records; write COUNT(*) with GROUP BY',
  string_agg: 'it shows records; write COUNT(*) with GROUP BY',
  group_concat: 'it shows records; write COUNT(*) with GROUP BY',
  histogram: 'write COUNT(*) with GROUP BY',
  quantile_disc: 'it shows the value of a single record; write quantile_cont',
  quantile: 'it shows the value of a single record; write quantile_cont',
  approx_quantile: 'write quantile_cont',
  approx_count_distinct: 'write COUNT(DISTINCT patient), of the patient column',
  var_pop: 'write var_samp(x)',
  stddev_pop: 'write stddev_samp(x)',
  covar_samp: 'write corr(x, y)',
  covar_pop: 'write corr(x, y)',
  bool_and: 'write COUNT(*) FILTER (WHERE NOT x)',
  bool_or: 'write COUNT(*) FILTER (WHERE x)',
  count_if: 'write COUNT(*) FILTER (WHERE x)',
  product: 'write sum(x)',
};

export const aggregateNames: ReadonlySet<string> = new Set([
  'count',
  'count_star',
  ...aggregateKinds.keys(),
  ...Object.keys(refusedAggregates),
]);
