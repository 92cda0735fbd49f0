// Writes vectors/consent-p256.json and consent-rsa2048.json again, after a change of the protocol: node packages/consent/test/write-vectors.ts
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freshRsaKey, playStory } from './story.ts';

const folder = join(import.meta.dirname, '../../../vectors');
for (const [name, rsaKey] of [
  ['consent-p256', undefined],
  ['consent-rsa2048', freshRsaKey()],
] as const) {
  const story = await playStory(rsaKey);
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(story, null, 2)}\n`);
}
