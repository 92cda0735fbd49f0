import { canonicalBytes, hashLabelled } from '@symbolon/crypto';
import { allPairsProtocol } from './all-pairs/protocol.ts';
import { resolveProtocol, shardProtocol } from './blocking/protocol.ts';
import { demand } from './fields.ts';
import { keysProtocol } from './psi/protocol.ts';
import type { DealOptions, LinkCost, LinkOptions, LinkPad, LinkSession, Protocol } from './session.ts';

/** Every protocol that a session can run. A new one is added here and nowhere else. */
const protocols = {
  'link-keys/1': keysProtocol,
  'link-all-pairs/1': allPairsProtocol,
  'link-shard/1': shardProtocol,
  'link-resolve/1': resolveProtocol,
} as const;

type Protocols = typeof protocols;

/**
 * What two parties and the key service agree to compute: numbers and shapes only, no text of the rule, nothing derived from records
 * but the table sizes.
 */
export type LinkProgram = ReturnType<Protocols[keyof Protocols]['parse']>;

type SessionOf<Program extends LinkProgram> = ReturnType<Protocols[Program['protocol']]['open']>;
/** One side's records as a program takes them, in the secret order of the run. */
export type InputOf<Program extends LinkProgram> =
  SessionOf<Program> extends LinkSession<infer Input, unknown> ? Input : never;
/** What a session of a program leaves at a party. */
export type ResultOf<Program extends LinkProgram> =
  SessionOf<Program> extends LinkSession<never, infer Result> ? Result : never;

function protocolOf<Program extends LinkProgram>({
  protocol,
}: Program): Protocol<Program, InputOf<Program>, ResultOf<Program>> {
  return protocols[protocol] as unknown as Protocol<Program, InputOf<Program>, ResultOf<Program>>;
}

/** Reads a program that came from elsewhere, by the protocol that it names. Throws `plan-invalid`, naming the field. */
export function parseLinkProgram(value: unknown): LinkProgram {
  const name = typeof value === 'object' && value !== null ? (value as { protocol?: unknown }).protocol : undefined;
  demand(
    typeof name === 'string' && Object.hasOwn(protocols, name),
    `protocol is ${Object.keys(protocols).join(', ')}`,
  );
  return protocols[name as keyof Protocols].parse(value);
}

/** 32 bytes that stand for the program in sessions, statements and logs. */
export function programHash(program: LinkProgram): Uint8Array {
  return hashLabelled('symbolon/link/program/1', canonicalBytes(program));
}

export function linkCost(program: LinkProgram): LinkCost {
  return protocolOf(program).cost(program);
}

/** How the full-length pads of a party are laid out in the stream that it gets. */
export function linkPads(program: LinkProgram, owner: number): LinkPad[] {
  return protocolOf(program).pads(program, owner);
}

/** The answer key of a program, chunk by chunk. Runs at: the key service. Learns: nothing. */
export function dealLink(options: DealOptions<LinkProgram>): Generator<Uint8Array> {
  return protocolOf(options.program).deal(options);
}

export function openLinkSession<Program extends LinkProgram>(
  options: LinkOptions<Program>,
): LinkSession<InputOf<Program>, ResultOf<Program>> {
  return protocolOf(options.program).open(options);
}
