/** From values to places along an axis. */
export interface Scale {
  (value: number): number;
  readonly ticks: readonly number[];
}

/** Round numbers from `lo` to `hi`, about `wanted` of them: multiples of 1, 2 or 5 times a power of ten. */
export function roundTicks(lo: number, hi: number, wanted = 6): number[] {
  if (!(hi > lo)) return [lo];
  const rough = (hi - lo) / wanted;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * ([1, 2, 5].find((factor) => factor * unit >= rough) ?? 10);
  const first = Math.ceil(lo / step - 1e-9);
  const count = Math.floor(hi / step + 1e-9) - first + 1;
  // Through the text, so that 3 · 0.1 is 0.3.
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Powers of ten times 1, 2 and 5; powers of ten alone where those are many; round numbers where they are few. */
function logTicks(lo: number, hi: number): number[] {
  const [first, last] = [Math.floor(Math.log10(lo)), Math.ceil(Math.log10(hi))];
  const powers = Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
  const fine = powers.flatMap((power) => [1, 2, 5].map((factor) => Number((factor * power).toPrecision(12))));
  const within = (ticks: readonly number[]): number[] => ticks.filter((tick) => tick >= lo && tick <= hi);
  if (within(fine).length < 4) return roundTicks(lo, hi, 5);
  return within(fine).length <= 8 ? within(fine) : within(powers);
}

/** Places `from` for `lo` to `to` for `hi`. */
export function linear(
  [lo, hi]: readonly [number, number],
  [from, to]: readonly [number, number],
  wanted?: number,
): Scale {
  const place = (value: number): number => from + ((value - lo) / (hi - lo)) * (to - from);
  return Object.assign(place, { ticks: roundTicks(lo, hi, wanted) });
}

/** Equal ratios are equally far apart. */
export function logarithmic([lo, hi]: readonly [number, number], [from, to]: readonly [number, number]): Scale {
  const place = (value: number): number => from + (Math.log(value / lo) / Math.log(hi / lo)) * (to - from);
  return Object.assign(place, { ticks: logTicks(lo, hi) });
}

/** The smallest range of round numbers around values. */
export function roundRange(values: readonly number[], wanted = 6): [number, number] {
  const [lo, hi] = [Math.min(...values), Math.max(...values)];
  if (lo === hi) return lo === 0 ? [0, 1] : lo > 0 ? [0, lo * 1.2] : [lo * 1.2, 0];
  const ticks = roundTicks(lo, hi, wanted);
  const step = ticks.length > 1 ? ticks[1]! - ticks[0]! : hi - lo;
  const round = (place: number): number => Number((place * step).toPrecision(12));
  return [round(Math.floor(lo / step + 1e-9)), round(Math.ceil(hi / step - 1e-9))];
}
