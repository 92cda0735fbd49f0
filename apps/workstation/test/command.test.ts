import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { homePaths } from '@symbolon/service';
import type { CardKind } from '@symbolon/testkit/smartcards';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCard } from '../src/card/open-card.ts';
import { chooseCard, findCards, type ProfessionalCard } from '../src/index.ts';
import { anna, holderOf, TestRegistry } from './support/registry.ts';
import { pinBytes, SoftReaders, softHsm, softHsmIsHere, softPin } from './support/softhsm.ts';

const main = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url));

describe.skipIf(!softHsmIsHere())('symbolon card, with cards of SoftHSM, at real servers', () => {
  let registry: TestRegistry;
  let readers: SoftReaders;
  let person: string;

  beforeAll(async () => {
    registry = await TestRegistry.start();
    readers = new SoftReaders(registry.folder);
    person = join(registry.folder, 'anna.json');
    writeFileSync(person, JSON.stringify(anna));
    for (const name of ['hpc-a', 'hpc-b'])
      await readers.insert(name, await registry.authority.card({ commonName: name }));
    for (const kind of ['P-256', 'rsa-2048'] satisfies CardKind[]) {
      await readers.insert(`anna-${kind}`, await registry.authority.card(holderOf(anna), { kind }));
    }
    for (const home of [registry.clinic, registry.practice]) {
      const file = homePaths(home.path).config;
      const config = JSON.parse(readFileSync(file, 'utf8')) as { settings: object };
      writeFileSync(file, JSON.stringify({ ...config, settings: { drivers: [softHsm] } }));
    }
    for (const name of ['hpc-a', 'hpc-b']) await registry.vet(await opened(name), name);
  });
  afterAll(() => registry.close());

  async function opened(words: string): Promise<ProfessionalCard> {
    const { cards } = await findCards([softHsm], readers.env);
    const card = chooseCard(cards, { whose: 'the', words });
    return openCard({ driver: softHsm, card, pin: pinBytes(), env: readers.env });
  }

  /** Runs a command at a desk, as somebody; every PIN that is asked for is the right one unless told. */
  async function run(at: 'clinic' | 'practice', words: readonly string[], pins = [softPin, softPin, softPin]) {
    const me = at === 'clinic' ? 'hpc-a' : 'hpc-b';
    const home = ['--home', registry[at].path, '--json'];
    const options = words[0] === 'list' ? home : [...home, '--me', me];
    const child = spawn(process.execPath, [main, 'card', ...words, ...options], { env: readers.env });
    child.stdin.end(`${pins.join('\n')}\n`);
    const [out, said] = await Promise.all(
      [child.stdout, child.stderr].map(async (stream) => Buffer.concat(await stream.toArray()).toString()),
    );
    expect(out! + said!).not.toContain(softPin);
    return JSON.parse(out!) as Record<string, unknown>;
  }

  const patient = (card: string) => ['--patient', card, '--person', person];

  test('lists the cards', async () => {
    const cards = await run('clinic', ['list']);
    expect(cards).toEqual(expect.arrayContaining([expect.objectContaining({ label: 'hpc-a', pinPad: false })]));
  });

  test('enrols, adds a second card, consents, and shows the patient', async () => {
    const enrolled = await run('clinic', ['enrol', '--purpose', 'first visit', ...patient('anna-P-256')]);
    expect(enrolled).toMatchObject({ state: 'done', card: 'good' });
    const read = ['unlock', '--group', 'general', '--purpose', 'second opinion', ...patient('anna-P-256')];
    expect(await run('practice', read)).toMatchObject({ grant: { kind: 'consent', groups: ['general'] } });
    const second = ['enrol', '--beside', 'anna-P-256', '--purpose', 'second card', ...patient('anna-rsa-2048')];
    expect(await run('clinic', second)).toMatchObject({ operation: 'add-card', state: 'done' });
    const view = await run('practice', ['view', ...patient('anna-rsa-2048')]);
    const operations = (view.consents as { operation: string }[]).map(({ operation }) => operation);
    expect(operations.sort()).toEqual(['add-card', 'enrol', 'reidentify', 'view']);
  });

  test('breaks the glass, and replaces a card, which waits for somebody else', async () => {
    const forced = await run('practice', ['break-glass', '--purpose', 'unconscious', '--person', person]);
    expect(forced).toMatchObject({ grant: { kind: 'break-glass' }, card: null });
    const replaced = await run('clinic', ['replace', '--purpose', 'card lost', ...patient('anna-rsa-2048')]);
    expect(replaced).toMatchObject({ operation: 'replace', state: 'waits' });
  });

  test('says what is wrong', async () => {
    const unlock = ['unlock', '--group', 'general', '--purpose', 'x', '--person', person];
    expect(await run('practice', unlock)).toMatchObject({ error: { code: 'card-missing' } });
    const wrong = await run('practice', [...unlock, '--patient', 'anna-P-256'], [softPin, '0000']);
    expect(wrong).toMatchObject({ error: { code: 'card-pin' } });
    const other = await run('practice', [...unlock, '--patient', 'hpc-a']);
    expect(other).toMatchObject({ error: { code: 'card-refused' } });
  });
});
