/** One measured figure. `limit`: the bar of an issue, which it must not exceed unless the bench says otherwise; null where the figure only informs. */
export interface Row {
  readonly bench: string;
  readonly case: string;
  readonly n: number;
  readonly value: number;
  readonly unit: string;
  readonly limit: number | null;
  readonly ok: boolean;
}

/** A row whose `ok` follows from its limit. */
export function row(
  bench: string,
  name: string,
  n: number,
  value: number,
  unit: string,
  limit: number | null = null,
): Row {
  return {
    bench,
    case: name,
    n,
    value: Number(value.toPrecision(3)),
    unit,
    limit,
    ok: limit === null || value <= limit,
  };
}

/** A row whose figure must reach its limit. */
export function rowAtLeast(bench: string, name: string, n: number, value: number, unit: string, limit: number): Row {
  return { ...row(bench, name, n, value, unit), limit, ok: value >= limit };
}
