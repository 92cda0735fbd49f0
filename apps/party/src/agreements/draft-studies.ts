import { type Agreement, draftAgreement, memberOf, type Studies, type StudyAgreement } from '@symbolon/agreement';
import type { Home } from '@symbolon/service';
import { checkListed } from '../study/check.ts';

/** What an organisation wants to agree on: data of several parties, and the studies over them. */
export interface DraftStudiesParams {
  readonly title: string;
  /** Ids of all parties, this one among them. */
  readonly parties: readonly string[];
  /** Id of the key service. */
  readonly keyService: string;
  readonly studies: Studies;
  /** First and last day, UTC, YYYY-MM-DD. */
  readonly term: { readonly from: string; readonly until: string };
  readonly pads?: Agreement['pads'] | undefined;
  /** Hash of the agreement that this one replaces. */
  readonly predecessor?: string | null | undefined;
}

/** An agreement on studies, each of which can be run. Throws `agreement-invalid`, `unknown-organisation`, `study-…` */
export async function draftStudies(params: DraftStudiesParams, home: Home): Promise<StudyAgreement> {
  const { title, parties, keyService, studies, term, pads = 'expanded', predecessor = null } = params;
  const cards = parties.map((id) => (id === home.card.id ? home.card : home.partners.get(id)));
  const agreement = draftAgreement({
    title,
    predecessor,
    parties: cards.map(memberOf),
    keyService: memberOf(home.partners.get(keyService)),
    studies,
    pads,
    term,
  });
  await checkListed(agreement);
  return agreement;
}
