import type { FixedStudy, StudyAgreement, StudyQuestion } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import type { ApprovalSubject } from '../approvals.ts';
import type { PartyContext } from '../context.ts';
import { type Asked, bindAsked, findAsked } from './asked.ts';
import { type BoundQuestion, bindListed } from './question.ts';

type Terms = { readonly hash: string; readonly agreement: StudyAgreement };

/** A study that can be asked under an agreement: one that it lists, or one that was asked here beyond those. */
export interface FoundStudy {
  /** As the agreement lists it, or would. */
  readonly listed: FixedStudy;
  readonly kind: StudyQuestion['kind'];
  /** How it was asked; null for a listed study. */
  readonly asked: Asked | null;
  /** Who of this organisation asked it first; null if nobody did. */
  readonly askedBy: string | null;
  /** What people here may approve of it. */
  readonly subject: ApprovalSubject;
  /** Throws `study-…`, `plan-range`. */
  bind(): Promise<BoundQuestion>;
  /** Runs that count: its own, or of all that share its number of runs. */
  runs(): Promise<number>;
}

/**
 * The study of this name, if there is one here.
 * @param asked how a partner asks it, if it does: then nothing needs to be kept here
 * @throws SymbolonError `peer-disagrees` where what is asked has another name here; `study-invalid`, `agreement-limit` where it is none
 */
export async function findStudy(
  context: PartyContext,
  { hash, agreement }: Terms,
  name: string,
  asked?: Asked,
): Promise<FoundStudy | undefined> {
  const listed = agreement.studies.list.find((one) => one.name === name);
  if (listed !== undefined) {
    const runs = (): Promise<number> => context.studyRuns.counts(hash, [name]);
    return { ...about(hash, listed, null), askedBy: null, bind: () => bindListed(agreement, listed), runs };
  }
  const kept = await context.asked.find(hash, name);
  const how = asked ?? kept?.asked;
  if (how === undefined) return undefined;
  return { ...askedStudy(context, { hash, agreement }, name, how), askedBy: kept?.person ?? null };
}

/** All studies of an agreement: those that it lists, then those that were asked here beyond them. */
export async function allStudies(context: PartyContext, terms: Terms): Promise<FoundStudy[]> {
  const names = [
    ...terms.agreement.studies.list.map(({ name }) => name),
    ...(await context.asked.list(terms.hash)).map(({ name }) => name),
  ];
  const found = await Promise.all(names.map((name) => findStudy(context, terms, name)));
  return found.filter((one) => one !== undefined);
}

function askedStudy(
  { asked: store, studyRuns }: PartyContext,
  { hash, agreement }: Terms,
  name: string,
  asked: Asked,
): Omit<FoundStudy, 'askedBy'> {
  const { listed } = findAsked(agreement, asked);
  if (listed.name !== name) throw fault('peer-disagrees', `what is asked as '${name}' is '${listed.name}' here`);
  const template = asked.kind === 'template' ? asked.template : null;
  return {
    ...about(hash, listed, asked),
    bind: () => bindAsked(agreement, asked),
    runs: async () => studyRuns.counts(hash, await store.names(hash, template)),
  };
}

function about(
  agreement: string,
  listed: FixedStudy,
  asked: Asked | null,
): Pick<FoundStudy, 'listed' | 'asked' | 'kind' | 'subject'> {
  const kind = asked?.kind ?? 'study';
  return { listed, asked, kind, subject: { action: kind, agreement, name: listed.name } };
}
