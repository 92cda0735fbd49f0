import type { Card } from '@symbolon/agreement';
import { base64url, type ErrorCode, fromBase64url, verify } from '@symbolon/crypto';
import {
  type AnswerRequest,
  dataToSign,
  type OpenRequest,
  type ProgramCost,
  programHash,
  programParties,
} from '@symbolon/service';
import type { Settings } from './config.ts';

// The policy of the key service, all of it. Each function returns the first rule that forbids what is asked, or a grant.

/** Why not: the rule that failed, and who is at fault. */
export interface Refusal {
  readonly refused: ErrorCode;
  readonly reason: string;
  readonly culprit: string;
}

/** What of a session these rules need to know. */
export interface SessionState {
  readonly id: Uint8Array;
  readonly parties: OpenRequest['parties'];
  readonly pads: OpenRequest['pads'];
  /** Indexes of the parties that have asked for their full-length pads, and of those that have them. */
  readonly padsAsked: ReadonlySet<number>;
  readonly padsSent: ReadonlySet<number>;
  readonly released: boolean;
  readonly cost: Pick<ProgramCost, 'answerKeyTo'>;
}

/** May `caller` ask for this session? The grant is its place among the parties. */
export function authorizeOpen(
  request: OpenRequest,
  caller: Card,
  partner: (id: string) => Card | undefined,
): { readonly index: number } | Refusal {
  const { parties } = request;
  const index = parties.findIndex(({ organisationKey }) => organisationKey === caller.organisationKey);
  if (index < 0) return refusal('keyservice-refused', `${caller.id} is not among the parties that it names`, caller.id);
  for (const field of ['id', 'organisationKey', 'signingKey'] as const) {
    if (new Set(parties.map((party) => party[field])).size < parties.length) {
      return refusal('keyservice-refused', `two of the parties have the same ${field}`, caller.id);
    }
  }
  for (const { id, organisationKey, signingKey } of parties) {
    const card = partner(id);
    if (card === undefined) return refusal('unknown-organisation', `no card of ${id} is known here`, id);
    if (card.role !== 'party') return refusal('keyservice-refused', `${id} is not an organisation that holds data`, id);
    if (card.organisationKey !== organisationKey || card.signingKey !== signingKey) {
      return refusal('keyservice-refused', `the keys of ${id} are not those of its card`, id);
    }
  }
  if (base64url(programHash(request.program)) !== request.programHash) {
    return refusal('hash-mismatch', 'the hash is not that of the program', caller.id);
  }
  return { index };
}

/** May the program run here at all? */
export function authorizeProgram(
  { program, parties, pads }: Pick<OpenRequest, 'program' | 'parties' | 'pads'>,
  cost: ProgramCost,
  settings: Settings,
): { readonly granted: true } | Refusal {
  const first = parties[0]!.id;
  const due = programParties(program);
  if (parties.length !== due) {
    return refusal('plan-invalid', `the program is for ${due} parties, not ${parties.length}`, first);
  }
  if (cost.answerKeyBytes > settings.maxAnswerBytes) {
    return refusal('keyservice-refused', `the answer key would have ${cost.answerKeyBytes} bytes`, first);
  }
  const padBytes = pads === 'full' ? cost.padBytes.reduce((sum, bytes) => sum + bytes, 0) : 0;
  if (padBytes > settings.maxPadBytes) {
    return refusal('keyservice-refused', `full-length pads would have ${padBytes} bytes`, first);
  }
  return { granted: true };
}

/** Whose session is this to `caller`? To strangers it does not exist. */
export function authorizeMember(session: SessionState | undefined, caller: Card): { readonly index: number } | Refusal {
  const index = session?.parties.findIndex(({ organisationKey }) => organisationKey === caller.organisationKey) ?? -1;
  return index < 0 ? refusal('session-unknown', 'no such session is open', caller.id) : { index };
}

/** May `caller` have its full-length pads? */
export function authorizePads(session: SessionState, caller: Card): { readonly index: number } | Refusal {
  const member = authorizeMember(session, caller);
  if ('refused' in member) return member;
  if (session.pads !== 'full') return refusal('keyservice-refused', 'the pads of this session are expanded', caller.id);
  if (session.padsAsked.has(member.index)) return refusal('session-burned', 'these pads were handed out', caller.id);
  if (session.released) return refusal('session-burned', 'the answer key was released', caller.id);
  return member;
}

/** May `caller` have the answer key, against these signatures? It goes to one party only, which the program names (PROTOCOLS §1). */
export function authorizeAnswer(
  session: SessionState,
  caller: Card,
  { dataHash, signatures }: AnswerRequest,
): { readonly granted: true } | Refusal {
  const member = authorizeMember(session, caller);
  if ('refused' in member) return member;
  const { answerKeyTo } = session.cost;
  if (member.index !== answerKeyTo)
    return refusal('keyservice-refused', `the answer key goes to ${session.parties[answerKeyTo]!.id}`, caller.id);
  if (session.released) return refusal('session-burned', 'the answer key was released before', caller.id);
  const ids = session.parties.map(({ id }) => id);
  const stranger = Object.keys(signatures).find((id) => !ids.includes(id));
  if (stranger !== undefined) return refusal('document-signer', `${stranger} is not a party of this session`, stranger);
  const signed = dataToSign(session.id, fromBase64url(dataHash));
  for (const { id, signingKey } of session.parties) {
    const signature = Object.hasOwn(signatures, id) ? signatures[id] : undefined;
    if (signature === undefined) return refusal('document-signer', `${id} has not signed the data`, id);
    if (!verify(fromBase64url(signingKey), signed, fromBase64url(signature))) {
      return refusal('bad-signature', `the signature of ${id} is not one over this data in this session`, id);
    }
  }
  const unpadded = session.pads === 'full' ? ids.findIndex((_, index) => !session.padsSent.has(index)) : -1;
  if (unpadded >= 0) {
    return refusal('keyservice-refused', `${ids[unpadded]} has not fetched its pads`, ids[unpadded]!);
  }
  return { granted: true };
}

function refusal(refused: ErrorCode, reason: string, culprit: string): Refusal {
  return { refused, reason, culprit };
}
