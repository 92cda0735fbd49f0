import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { homePaths, openHome } from '@symbolon/service';
import { recordWires } from '@symbolon/testkit';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { expect, onTestFinished, test } from 'vitest';
import { Cleanup } from '../apps/cli/src/cleanup.ts';
import { Cast, findings, identityTexts } from '../apps/cli/src/rehearsal/registry/cast.ts';
import { keptIn, Searches } from '../apps/cli/src/rehearsal/registry/saw.ts';
import { Story } from '../apps/cli/src/rehearsal/registry/scenarios.ts';
import { RegistryServers } from '../apps/cli/src/rehearsal/registry/servers.ts';

const patience = 120_000;

async function play(): Promise<{ servers: RegistryServers; cast: Cast; went: [string, string, string][] }> {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-dump-'));
  const cleanup = new Cleanup();
  onTestFinished(async () => {
    await cleanup.run();
    rmSync(folder, { recursive: true, force: true });
  });
  const cast = await Cast.make(Date.now());
  const servers = new RegistryServers(cast, folder, cleanup);
  await servers.makeAll();
  if (process.env.DATABASE_URL) usePostgres(servers.homes.centre);
  await servers.startServers();
  await servers.install();
  const story = new Story(cast, servers);
  await story.prepare();
  const went: [string, string, string][] = [];
  for (const { name, expected, run } of story.scenarios()) went.push([name, expected, await run()]);
  return { servers, cast, went };
}

/** The central server keeps all in the test's database. */
function usePostgres(home: string): void {
  const file = homePaths(home).config;
  const config = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  writeFileSync(file, JSON.stringify({ ...config, database: { environment: 'DATABASE_URL' } }));
}

const portOf = (home: string) => Number(new URL(openHome(home).card.address).port);

onBothDatabases(() => {
  test(
    'a dump of the central server has no identity, certificate, key, signature or ciphertext of a patient, in no form; nor has what is sent to it',
    async () => {
      const recorder = recordWires();
      onTestFinished(() => recorder.stop());
      const { servers, cast, went } = await play();
      expect(went.filter(([, expected, got]) => expected !== got)).toEqual([]);
      await servers.stop();
      const searches = new Searches(cast);
      // Every patient's card has signed and opened.
      const traces = cast.cardTraces();
      for (const what of ['modulus', 'x of', 'certificate', 'signature', 'sealed to']) {
        expect(traces.filter((trace) => trace.what.includes(what)).length, what).toBeGreaterThan(0);
      }

      const centre = await keptIn(servers.homes.centre);
      expect(searches.found(centre)).toEqual([]);
      expect(searches.found([Buffer.from(recorder.sentTo(portOf(servers.homes.centre)))])).toEqual([]);

      // Positive controls. The centre's dump has what it is for, and each thing would be found in it.
      expect(searches.saw(centre).records).toBe(Object.keys(findings).length);
      const dump = Buffer.concat(centre);
      for (const { what, bytes } of traces) {
        const torn = Buffer.concat([dump.subarray(0, 5000), bytes.subarray(0, 40), dump.subarray(5000, 9000)]);
        expect(searches.found([torn]).length, what).toBeGreaterThan(0);
      }
      // The module keeps identities and thumbprints of cards; workstations send it certificates and signatures.
      const module = searches.saw(await keptIn(servers.homes.module));
      expect(module).toEqual({ identities: identityTexts.length, cards: cast.cards.size, records: 0 });
      const toModule = searches.found([Buffer.from(recorder.sentTo(portOf(servers.homes.module)))]);
      const sent = (text: string) => toModule.filter(({ what }) => what.includes(text)).length;
      for (const what of ['identity', 'x of', 'modulus', 'certificate', 'signature'])
        expect(sent(what), what).toBeGreaterThan(0);
      // What is in the workstations' folders is theirs alone: nothing of patients stays there.
      for (const desk of ['clinic', 'hospital', 'ward'] as const) {
        expect(searches.saw(await keptIn(servers.homes[desk]))).toEqual({ identities: 0, cards: 0, records: 0 });
      }
    },
    patience,
  );
});
