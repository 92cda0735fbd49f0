import {
  type Agreement,
  coversLink,
  draftAgreement,
  type LinkAgreement,
  memberOf,
  type Studies,
  type StudyAgreement,
} from '@symbolon/agreement';
import type { Home } from '@symbolon/service';
import { compileRules } from '../link/input.ts';
import { checkListed } from '../study/check.ts';

/** What an organisation wants to agree on: data of several parties, and the studies over them. */
export interface DraftStudiesParams {
  readonly title: string;
  /** Ids of all parties, this one among them. */
  readonly parties: readonly string[];
  /** Id of the key service. */
  readonly keyService: string;
  readonly studies: Studies;
  /** A link of two of the data sets, by whose pairs studies may join. */
  readonly linkage?: Pick<LinkAgreement, 'tables' | 'link'> | undefined;
  /** First and last day, UTC, YYYY-MM-DD. */
  readonly term: { readonly from: string; readonly until: string };
  readonly pads?: Agreement['pads'] | undefined;
  /** Not said, if absent. */
  readonly purpose?: Agreement['purpose'];
  /** Nothing is paid, and runs are as many as the studies allow, if absent. */
  readonly price?: Agreement['price'];
  readonly quota?: Agreement['quota'];
  /** Hash of the agreement that this one replaces. */
  readonly predecessor?: string | null | undefined;
}

/** An agreement on studies, each of which can be run. Throws `agreement-invalid`, `unknown-organisation`, `study-…`, `rule-…` */
export async function draftStudies(params: DraftStudiesParams, home: Home): Promise<StudyAgreement> {
  const { title, parties, keyService, purpose, studies, linkage, term, pads = 'expanded', predecessor = null } = params;
  const { price, quota } = params;
  const cards = parties.map((id) => (id === home.card.id ? home.card : home.partners.get(id)));
  const agreement = draftAgreement({
    title,
    predecessor,
    parties: cards.map(memberOf),
    keyService: memberOf(home.partners.get(keyService)),
    ...(purpose === undefined ? {} : { purpose }),
    ...linkage,
    studies,
    pads,
    term,
    ...(price === undefined ? {} : { price }),
    ...(quota === undefined ? {} : { quota }),
  });
  await checkListed(agreement);
  if (coversLink(agreement)) await compileRules(agreement);
  return agreement;
}
