import { base64url, fault, fromBase64url } from '@symbolon/crypto';
import type { Line } from '../run/line.ts';
import { decodeMessage, encodeMessage, moment, requireClock } from '../run/messages.ts';
import { type Hello, helloSchema, type Seen, seenSchema } from './messages.ts';
import type { StudySessionParams } from './session.ts';

/** All say what they are about to run; nothing secret is used before they agree. */
export async function greet(
  params: StudySessionParams,
  lines: ReadonlyMap<number, Line>,
  programs: string,
): Promise<{ readonly salts: readonly Uint8Array[]; readonly at: string }> {
  const { server, attempt, now } = params;
  const { grant, rng } = server;
  const salt = rng(32);
  const own: Omit<Hello, 'log'> = {
    kind: 'hello',
    version: 1,
    attempt: base64url(attempt),
    agreement: grant.hash,
    studyHash: grant.studyHash,
    programs,
    salt: base64url(salt),
    at: moment(now),
  };
  for (const line of lines.values()) {
    await line.send(encodeMessage<Seen>({ kind: 'seen', note: await params.seen(line.peer) }));
  }
  for (const line of lines.values()) {
    const seen = decodeMessage(seenSchema, await line.receive(), line.peer);
    const { note, from, proof } = params.shownLog(line.peer, seen.note);
    await line.send(encodeMessage<Hello>({ ...own, log: { note, from, proof: proof.map(base64url) } }));
  }
  const greetings = new Map<number, Hello | typeof own>([[grant.index, own]]);
  for (const [place, line] of lines) {
    const theirs = decodeMessage(helloSchema, await line.receive(), line.peer);
    requireSame(own, theirs, line.peer);
    const { note, from, proof } = theirs.log;
    await params.witness(line.peer, { note, from, proof: proof.map(fromBase64url) });
    greetings.set(place, theirs);
  }
  const ordered = grant.parties.map((_, place) => greetings.get(place)!);
  if (new Set(ordered.map((one) => one.salt)).size < ordered.length) {
    throw fault('frame-order', 'two parties began with the same random start');
  }
  return { salts: ordered.map((one) => fromBase64url(one.salt)), at: ordered[0]!.at };
}

function requireSame(own: Omit<Hello, 'log'>, theirs: Hello, peer: string): void {
  for (const field of ['attempt', 'agreement', 'studyHash', 'programs'] as const) {
    if (theirs[field] === own[field]) continue;
    throw fault('peer-disagrees', `${peer} is about to run another ${field}`, { culprit: peer });
  }
  requireClock(own.at, theirs.at, peer);
}
