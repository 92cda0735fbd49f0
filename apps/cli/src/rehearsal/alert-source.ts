import { connect, type Socket } from 'node:net';
import { MllpFrames, mllpFrame, readHl7 } from '@symbolon/alerts';
import { fault } from '@symbolon/crypto';
import type { EventFile } from './alert-events.ts';

/** How many messages the source answered for, and how many it refused: those are in the quarantine. */
export interface Answers {
  readonly taken: number;
  readonly refused: number;
}

/** Tells a server of events as a source does. Resolves when all are answered. */
export interface Telling {
  readonly port: number;
  /** Of FHIR. */
  readonly token?: string;
  readonly onAnswer: (answers: number) => void;
}

/** Tells all events of a file: FHIR by one request a resource, HL7 over one connection. Those of a patient in the order of the file. */
export function tellAll(file: EventFile, telling: Telling): Promise<Answers> {
  return file.form.kind === 'fhir' ? tellFhir(file, telling) : tellHl7(file, telling);
}

const lanes = 32;

async function tellFhir({ messages, told }: EventFile, { port, token, onAnswer }: Telling): Promise<Answers> {
  const answers = { taken: 0, refused: 0 };
  const ofLane = Array.from({ length: lanes }, (): Uint8Array[] => []);
  for (const [i, message] of messages.entries()) {
    // A line that tells nothing: a Patient, or a stay that is only planned.
    if (told[i]?.length !== 0) ofLane[laneOf(told[i]?.[0]?.patient ?? '')]!.push(message);
  }
  const url = `http://127.0.0.1:${port}/fhir`;
  const headers = { 'content-type': 'application/fhir+json', authorization: `Bearer ${token}` };
  const tellLane = async (own: readonly Uint8Array[]): Promise<void> => {
    for (const message of own) {
      const { type } = typeOf(message);
      const response = await fetch(`${url}/${type}`, { method: 'POST', headers, body: Buffer.from(message) });
      await response.arrayBuffer();
      if (response.ok) answers.taken += 1;
      else if (response.status < 500 && response.status !== 429) answers.refused += 1;
      else throw fault('internal', `the source of events answered ${response.status}`);
      onAnswer(answers.taken + answers.refused);
    }
  };
  await Promise.all(ofLane.map(tellLane));
  return answers;
}

function laneOf(patient: string): number {
  let sum = 0;
  for (const character of patient) sum = (sum * 31 + character.charCodeAt(0)) >>> 0;
  return sum % lanes;
}

function typeOf(message: Uint8Array): { type: string } {
  const found = /"resourceType"\s*:\s*"([A-Za-z]+)"/.exec(Buffer.from(message).toString());
  return { type: found?.[1] === 'Bundle' ? '' : (found?.[1] ?? 'Encounter') };
}

const mostAhead = 200;
const maxAnswer = 1 << 16;

async function tellHl7({ messages }: EventFile, { port, onAnswer }: Telling): Promise<Answers> {
  const answers = { taken: 0, refused: 0 };
  const socket = await connected(port);
  const frames = new MllpFrames(maxAnswer);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let sent = 0;
  const send = (): void => {
    const answered = answers.taken + answers.refused;
    for (; sent < messages.length && sent - answered < mostAhead; sent++) socket.write(mllpFrame(messages[sent]!));
    if (answered === messages.length) resolve();
  };
  socket.on('data', (chunk: Buffer) => {
    for (const answer of frames.push(chunk)) {
      const code = readHl7(answer).segments[1]?.fields[1];
      if (code === 'AA') answers.taken += 1;
      else answers.refused += 1;
      onAnswer(answers.taken + answers.refused);
    }
    send();
  });
  socket.on('error', reject);
  socket.on('close', () => reject(fault('peer-gone', 'the source of events was closed')));
  send();
  try {
    await promise;
  } finally {
    socket.destroy();
  }
  return answers;
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.once('error', reject);
  });
}
