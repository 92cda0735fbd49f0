/**
 * The one place where an agreement and a request meet. Whatever a peer, the key service or a user asks for, this party does only what its own copy of
 * the agreement grants and its policies permit; anything that is not granted here is refused.
 *
 * - `authorizePerson`: what somebody of this organisation may ask of its server (people.cedar)
 * - `authorizeLink`, `authorizeStudy`: whether this organisation takes part: the agreement in force, its terms and numbers, then the policies on the
 *   bound plan (plans.cedar)
 * - `authorizeOutsource`: whether another may hold encrypted tables of this organisation and compute on them
 * - `authorizeAgreement`: which agreements are taken in
 */
export {
  type Asker,
  authorizeAgreement,
  granted,
  type PartyRefusal,
  type SessionGrant,
} from './authorize/force.ts';
export {
  authorizeLink,
  type LinkFacts,
  type LinkGrant,
  type LinkRequest,
  learners,
  unsupported,
} from './authorize/link.ts';
export {
  authorizeOutsource,
  type OutsourcedQuestion,
  type OutsourceGrant,
  type OutsourceRequest,
} from './authorize/outsource.ts';
export { allowedTo, authorizePerson } from './authorize/person.ts';
export type { PlanUse } from './authorize/plan.ts';
export {
  authorizeStudy,
  type OwnStudy,
  type StudyFacts,
  type StudyGrant,
  type StudyRequest,
} from './authorize/study.ts';
