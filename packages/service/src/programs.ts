import { type StudyProgram, studyProtocol } from '@symbolon/analytics';
import { canonicalBytes, fault, hashLabelled } from '@symbolon/crypto';
import type { Masks } from '@symbolon/engine';
import type { Kernels } from '@symbolon/kernels';
import {
  dealLink,
  programHash as hashOfLink,
  type LinkProgram,
  linkCost,
  linkPads,
  parseLinkProgram,
} from '@symbolon/linkage';

/** What the parties of a session and the key service agree to compute: numbers and shapes only. */
export type Program = LinkProgram | StudyProgram;

/** What a session costs the key service and its parties. */
export interface ProgramCost {
  readonly answerKeyBytes: number;
  /** The party that the answer key is for. */
  readonly answerKeyTo: number;
  /** Of one-time pads, by the party that has them. */
  readonly padBytes: readonly number[];
}

/** A one-time pad of a party; `node` is its number in the program. */
export interface Pad {
  readonly node: number;
  readonly bytes: number;
}

interface DealOptions<Of> {
  readonly program: Of;
  readonly masks: readonly Masks[];
  readonly kernels: Kernels;
}

/** What key service and parties derive from a program, whatever it is of. */
interface Kind<Of> {
  /** Strict: exactly its fields, bounded work. Throws `plan-invalid`, naming the field. */
  parse(value: unknown): Of;
  hash(program: Of): Uint8Array;
  parties(program: Of): number;
  cost(program: Of): ProgramCost;
  pads(program: Of, owner: number): Pad[];
  deal(options: DealOptions<Of>): Generator<Uint8Array>;
}

const link: Kind<LinkProgram> = {
  parse: parseLinkProgram,
  hash: hashOfLink,
  parties: () => 2,
  cost: linkCost,
  pads: linkPads,
  deal: dealLink,
};

const study: Kind<StudyProgram> = {
  parse: studyProtocol.parse,
  hash: (program) => hashLabelled('symbolon/study/program/1', canonicalBytes(program)),
  parties: ({ parties }) => parties,
  cost: (program) => ({ ...studyProtocol.cost(program), answerKeyTo: 0 }),
  pads: (program, owner) => studyProtocol.pads(program, owner),
  deal: studyProtocol.deal,
};

/** Every kind of program that a session can be of, by the first word of its protocol. A new one is added here and nowhere else. */
const kinds = { link, study } as const;

function kindOf(protocol: unknown): Kind<Program> {
  const word = typeof protocol === 'string' ? protocol.split(/[-/]/, 1)[0]! : '';
  if (!Object.hasOwn(kinds, word)) throw fault('plan-invalid', 'protocol: is that of a link or of a study');
  return kinds[word as keyof typeof kinds] as Kind<unknown> as Kind<Program>;
}

/** Reads a program that came from elsewhere, by the protocol that it names. Throws `plan-invalid`, naming the field. */
export function parseProgram(value: unknown): Program {
  const named = typeof value === 'object' && value !== null ? (value as { protocol?: unknown }).protocol : undefined;
  return kindOf(named).parse(value);
}

/** 32 bytes that stand for the program in sessions, statements and logs. */
export function programHash(program: Program): Uint8Array {
  return kindOf(program.protocol).hash(program);
}

/** How many parties run it. */
export function programParties(program: Program): number {
  return kindOf(program.protocol).parties(program);
}

export function programCost(program: Program): ProgramCost {
  return kindOf(program.protocol).cost(program);
}

/** How the full-length pads of a party are laid out in the stream that it gets. */
export function programPads(program: Program, owner: number): Pad[] {
  return kindOf(program.protocol).pads(program, owner);
}

/** The answer key of a program, chunk by chunk. Runs at: the key service. Learns: nothing. */
export function dealProgram(options: DealOptions<Program>): Generator<Uint8Array> {
  return kindOf(options.program.protocol).deal(options);
}
