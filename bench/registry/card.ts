import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { signAnswer } from '@symbolon/consent';
import { CardAuthority } from '@symbolon/testkit/smartcards';
import { chooseCard, findCards, type OpenCard, openCard } from '@symbolon/workstation';
import { pinBytes, SoftReaders, softHsm, softHsmIsHere } from '../../apps/workstation/test/support/softhsm.ts';
import { connection, PlayedRegistry } from '../../packages/consent/test/registry.ts';
import { type Row, row } from '../row.ts';

const visits = 40;
const mostMilliseconds = 60;

/**
 * What the physician's client does between a challenge and its answer, with both cards in SoftHSM (P-256), each in a process of its own: four envelopes opened, the
 * card's signatures on four new pairs, the health professional's signature. No network, and no server.
 */
export async function run(): Promise<Row[]> {
  if (!softHsmIsHere()) return [];
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-bench-cards-'));
  const opened: OpenCard[] = [];
  try {
    const readers = new SoftReaders(folder);
    const authority = await CardAuthority.root('Cards', Date.now());
    for (const name of ['patient', 'professional']) {
      await readers.insert(name, await authority.card({ commonName: name }));
      const card = chooseCard((await findCards([softHsm], readers.env)).cards, { whose: 'the', words: name });
      opened.push(await openCard({ driver: softHsm, card, pin: pinBytes(), env: readers.env }));
    }
    const [patient, professional] = opened;
    const times = await timesOf(patient!, professional!);
    const middle = times[Math.floor(times.length / 2)]!;
    const slowest = times[Math.floor(times.length * 0.95)]!;
    return [
      row(
        'registry',
        're-identification on SoftHSM P-256, challenge to answer',
        visits,
        middle,
        'ms',
        mostMilliseconds,
      ),
      row('registry', 're-identification on SoftHSM P-256, slowest but 5 %', visits, slowest, 'ms'),
    ];
  } finally {
    for (const card of opened) card.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds, the shortest first. */
async function timesOf(card: OpenCard, professional: OpenCard): Promise<number[]> {
  const registry = new PlayedRegistry('bench');
  const physicians = ['a', 'b', 'c'].map((name) => ({ ...registry.physician(name), card: professional }));
  await registry.visit('anna', physicians[0]!, 'enrol', card);
  const times: number[] = [];
  for (let i = 1; i <= visits; i++) {
    const by = physicians[i % physicians.length]!;
    const challenge = await registry.start(registry.ticket('anna', by, 'reidentify'), by);
    const start = performance.now();
    const draft = await registry.draft('anna', by, 'reidentify', card, challenge);
    const answer = await signAnswer(draft, by.card, connection);
    times.push(performance.now() - start);
    await registry.finish(answer, by, connection);
  }
  return times.sort((a, b) => a - b);
}
