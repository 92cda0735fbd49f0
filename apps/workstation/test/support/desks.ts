import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Home, homePaths } from '@symbolon/service';
import { expect } from 'vitest';
import { openCard } from '../../src/card/open-card.ts';
import { chooseCard, findCards, type ProfessionalCard } from '../../src/index.ts';
import { anna, TestRegistry } from './registry.ts';
import { pinBytes, SoftReaders, softHsm, softPin } from './softhsm.ts';

const main = fileURLToPath(new URL('../../../cli/src/main.ts', import.meta.url));

/** The health professionals' cards, `hpc-a` at the clinic and `hpc-b` at the practice, by their labels. */
const cardAt = { clinic: 'hpc-a', practice: 'hpc-b' } as const;

/** A registry, and two desks with cards of SoftHSM at which `symbolon card` is run, each command as a process of its own. */
export class Desks {
  readonly registry: TestRegistry;
  readonly readers: SoftReaders;
  /** File that says who the patient is. */
  readonly person: string;

  private constructor(registry: TestRegistry, readers: SoftReaders, person: string) {
    this.registry = registry;
    this.readers = readers;
    this.person = person;
  }

  /** Both professionals have a card; nobody has applied yet. */
  static async open(): Promise<Desks> {
    const registry = await TestRegistry.start();
    const readers = new SoftReaders(registry.folder);
    const person = join(registry.folder, 'anna.json');
    writeFileSync(person, JSON.stringify(anna));
    for (const [desk, name] of Object.entries(cardAt)) {
      await readers.insert(name, await registry.authority.card({ commonName: name }));
      withDriver(registry[desk as keyof typeof cardAt]);
    }
    return new Desks(registry, readers, person);
  }

  /** The card with this label, open. */
  async opened(label: string): Promise<ProfessionalCard> {
    const { cards } = await findCards([softHsm], this.readers.env);
    const card = chooseCard(cards, { whose: 'the', words: label });
    return openCard({ driver: softHsm, card, pin: pinBytes(), env: this.readers.env });
  }

  /** Both professionals are admitted. */
  async vet(): Promise<void> {
    for (const name of Object.values(cardAt)) await this.registry.vet(await this.opened(name), name);
  }

  /** Options of a command that is about the patient. @param card label of the patient's, if it is needed */
  patient(card?: string): string[] {
    return ['--person', this.person, ...(card === undefined ? [] : ['--patient', card])];
  }

  /** Runs `symbolon card …` at a desk; every PIN that is asked for is the right one unless told. @returns what it printed as JSON */
  async run(
    at: keyof typeof cardAt,
    words: readonly string[],
    pins: readonly string[] = [softPin, softPin, softPin],
  ): Promise<Record<string, unknown>> {
    const home = ['--home', this.registry[at].path, '--json'];
    const options = words[0] === 'list' ? home : [...home, '--me', cardAt[at]];
    const child = spawn(process.execPath, [main, 'card', ...words, ...options], { env: this.readers.env });
    child.stdin.end(`${pins.join('\n')}\n`);
    const [out, said] = await Promise.all(
      [child.stdout, child.stderr].map(async (stream) => Buffer.concat(await stream.toArray()).toString()),
    );
    expect(out! + said!).not.toContain(softPin);
    return JSON.parse(out!) as Record<string, unknown>;
  }

  close(): Promise<void> {
    return this.registry.close();
  }
}

function withDriver({ path }: Home): void {
  const file = homePaths(path).config;
  const config = JSON.parse(readFileSync(file, 'utf8')) as { settings: object };
  writeFileSync(file, JSON.stringify({ ...config, settings: { drivers: [softHsm] } }));
}
