import { resolve } from 'node:path';
import type { Cleanup } from '../cleanup.ts';
import type { Leaf } from '../command.ts';
import { progressFor } from '../progress.ts';
import { Cast, type Hold } from '../rehearsal/registry/cast.ts';
import { isGood, type RegistryReport, registryReportText, type Went } from '../rehearsal/registry/report.ts';
import { keptIn, type Saw, Searches } from '../rehearsal/registry/saw.ts';
import { Story } from '../rehearsal/registry/scenarios.ts';
import { type RegistryRole, RegistryServers } from '../rehearsal/registry/servers.ts';
import { SoftCards } from '../rehearsal/registry/soft-hsm.ts';
import { UsageError } from '../ui.ts';

interface Options {
  cards: string;
  keep?: string;
}

/** `symbolon rehearse registry`. */
export const rehearseRegistry: Leaf<Options> = {
  name: 'registry',
  summary: "play a medical registry in which the patient's card is the consent, with all roles on this machine",
  description:
    'Starts the three servers of a registry, each a process of its own, and plays three physicians of two institutions and three\n' +
    'patients, with cards in software or of SoftHSM: enrolment, consent, a lost card, thieves, a physician who keeps what a dishonest client can\n' +
    'keep, an emergency. Says of each what has to come of it, and what did; then searches what every role keeps.',
  examples: [
    'symbolon rehearse registry',
    'symbolon rehearse registry --cards softhsm --json',
    'symbolon rehearse registry --keep registry',
  ],
  home: false,
  options: (command) =>
    command
      .option('--cards <kind>', 'software, or softhsm: cards that are files, spoken to over PKCS#11', 'software')
      .option('--keep <folder>', 'keep the folders of all roles there, to look around'),
  run: async ({ ui, cleanup }, _, { cards: kind, keep }) => {
    if (kind !== 'software' && kind !== 'softhsm') throw new UsageError(`--cards is software or softhsm, not ${kind}`);
    const start = performance.now();
    const folder = keep === undefined ? cleanup.temporaryFolder('symbolon-').path : resolve(keep);
    const progress = progressFor(ui);
    const soft = kind === 'software' ? undefined : softCards(cleanup);
    const cast = await progress.step('Authorities of cards made', () => Cast.make(Date.now(), soft));
    const servers = new RegistryServers(cast, folder, cleanup);
    await progress.step('Six folders, with keys, certificates and cards', () => servers.makeAll());
    await progress.step('Three servers started, each a process of its own', () => servers.startServers());
    const story = new Story(cast, servers);
    await progress.step(
      'Two institutions registered; three physicians applied, were vetted, and logged in',
      async () => {
        await servers.install();
        await story.prepare();
      },
    );
    const scenarios: Went[] = [];
    for (const { name, story: text, expected, run } of story.scenarios()) {
      const got = await progress.step(text, run);
      scenarios.push({ name, story: text, expected, got });
    }
    const auditVerified = await progress.step('The logs verified', () => servers.audit());
    await servers.stop();
    const saw = await progress.step('What each role keeps, searched', () => searchAll(servers, cast));
    const { identities, cards } = saw.centre;
    const report: RegistryReport = {
      job: 'registry',
      scenarios,
      identitiesAtCentre: identities + cards,
      auditVerified,
      saw,
      seconds: (performance.now() - start) / 1000,
    };
    if (keep !== undefined) ui.say(`Kept in ${folder}. Try: symbolon log list --home ${servers.homes.centre}`);
    return { json: report, text: registryReportText(report), exitCode: isGood(report) ? 0 : 1 };
  },
};

/** Beside the folders of roles, which are searched. */
function softCards(cleanup: Cleanup): Hold {
  const cards = new SoftCards(cleanup.temporaryFolder('symbolon-cards-').path, cleanup);
  return (label, issued) => cards.card(label, issued);
}

async function searchAll(servers: RegistryServers, cast: Cast): Promise<Record<RegistryRole, Saw>> {
  const searches = new Searches(cast);
  const saw = {} as Record<RegistryRole, Saw>;
  for (const role of servers.roles) saw[role] = searches.saw(await keptIn(servers.homes[role]));
  return saw;
}
