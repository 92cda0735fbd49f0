import type { PartyContext } from '../context.ts';
import { columnPlaces, type LeftOut } from '../data/left-out.ts';
import { openSource } from '../data/open.ts';

/** A record of the own data set. */
export interface OwnPatient {
  /** Its number, from 0. */
  readonly record: number;
  /** What sources call the patient, as it stands there. */
  readonly text: string;
  /** Days since 1970, or {@link unknownDay}. */
  readonly birth: number;
  readonly isOut: boolean;
}

export const unknownDay = -0x8000_0000;
const dayMilliseconds = 86_400_000;

/** Reads who is in a data set, when they were born, and whether they opted out. Throws `data-missing-column`. */
export async function readPatients(
  { datasets }: Pick<PartyContext, 'datasets'>,
  dataset: string,
  params: {
    readonly column: string;
    readonly birthDateColumn: string | undefined;
    readonly leftOut: LeftOut | undefined;
  },
  each: (patient: OwnPatient) => void,
): Promise<void> {
  const { column, birthDateColumn, leftOut = { columns: [], has: () => false } } = params;
  const reader = await openSource(await datasets.source(dataset));
  const columns = [column, birthDateColumn ?? column, ...leftOut.columns];
  const [own, born, ...places] = columnPlaces(
    { ...leftOut, columns },
    reader.label,
    reader.columns.map(({ name }) => name),
  ) as [number, number, ...number[]];
  let record = 0;
  await reader.read((cells) => {
    const text = cells[own];
    const isOut = leftOut.columns.length > 0 && leftOut.has(places.map((place) => cells[place]!));
    const birth = birthDateColumn === undefined ? unknownDay : dayOf(cells[born]);
    if (text !== null && text !== undefined) each({ record, text, birth, isOut });
    record++;
    return true;
  });
}

function dayOf(text: string | null | undefined): number {
  const found = /^(\d{4})-?(\d\d)-?(\d\d)(?![\d-])/.exec(text ?? '');
  if (found === null) return unknownDay;
  const at = Date.parse(found.slice(1, 4).join('-'));
  return Number.isNaN(at) ? unknownDay : at / dayMilliseconds;
}

/** `YYYY-MM-DD`; null where it is not known. */
export function dateOf(day: number): string | null {
  return day === unknownDay ? null : new Date(day * dayMilliseconds).toISOString().slice(0, 10);
}
