import { type Agreement, coversLink } from '@symbolon/agreement';
import { alertProblems } from '@symbolon/alerts';
import { fault, SymbolonError } from '@symbolon/crypto';
import { type DuckDb, openDuckDb } from '@symbolon/service';
import { compileAgreement } from '../link/input.ts';
import { bindListed, bindSample, schemaOf } from '../study/question.ts';
import { compileBlocking } from './blocking.ts';
import { requireScore } from './prefer.ts';

/** Something that an agreement lists and no run could compute. */
export interface Uncomputable {
  /** Where in the agreement, like `studies.list.0.text`. */
  readonly field: string;
  readonly fault: SymbolonError;
}

type Questions = Pick<Agreement, 'tables' | 'link' | 'studies' | 'alerts'>;

/**
 * Everything in SQL that an agreement lists and that cannot be computed securely: rule, blocking keys, studies, templates; and conditions of alerts that
 * nobody can decide.
 */
export async function uncomputable(agreement: Questions): Promise<Uncomputable[]> {
  const found: Uncomputable[] = [];
  const look = async (field: string, work: () => unknown): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof SymbolonError)) throw error;
      found.push({ field, fault: error });
      return false;
    }
  };
  const parser = await openDuckDb({ threads: 1 });
  try {
    await lookAtLink(agreement, look);
    if (agreement.studies !== undefined) await lookAtStudies({ studies: agreement.studies }, look, parser);
  } finally {
    parser.close();
  }
  return [...found, ...undecidable(agreement)];
}

/** Conditions of alerts that do not compile. */
export function undecidable({ alerts = [] }: Pick<Agreement, 'alerts'>): Uncomputable[] {
  return alerts.flatMap((alert, i) =>
    alertProblems(alert).map(({ at, message, hint }) => {
      const field = `alerts.${i}.${at}`;
      return { field, fault: fault('agreement-invalid', message, { culprit: field, hint }) };
    }),
  );
}

type Look = (field: string, work: () => unknown) => Promise<boolean>;

async function lookAtLink(agreement: Questions, look: Look): Promise<void> {
  const link = agreement as Agreement;
  if (!coversLink(link)) return;
  await look('link.rule', async () => requireScore(link.link.prefer, await compileAgreement(link)));
  if (link.link.blocking !== undefined) await look('link.blocking.keys', () => compileBlocking(link));
}

async function lookAtStudies(
  agreement: { readonly studies: NonNullable<Agreement['studies']> },
  look: Look,
  parser: DuckDb,
): Promise<void> {
  const { list, templates = [] } = agreement.studies;
  if (!(await look('studies.tables', () => schemaOf(agreement.studies)))) return;
  for (const [i, listed] of list.entries()) {
    await look(`studies.list.${i}.text`, () => bindListed(agreement, listed, parser));
  }
  for (const [i, template] of templates.entries()) {
    await look(`studies.templates.${i}.text`, () => bindSample(agreement, template, parser));
  }
}

/** @throws SymbolonError the first fault of {@link uncomputable} */
export async function requireComputable(agreement: Questions): Promise<void> {
  const [first] = await uncomputable(agreement);
  if (first !== undefined) throw first.fault;
}
