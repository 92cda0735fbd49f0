import { join } from 'node:path';
import type { DemoSettings } from '@symbolon/party';
import { apiClient, createHome, localClient, openHome, people, peopleClient } from '@symbolon/service';
import type { Cleanup } from '../cleanup.ts';
import { withOrganisation } from '../organisation.ts';
import { StudyRehearsal } from '../rehearsal/study-rehearsal.ts';
import { type House, houseNames, houses, players, settingsOf } from './cast.ts';
import { coachingStudies, coachingTitle, visits, writeCoached } from './coaching.ts';
import { coachingPurpose } from './purposes.ts';

/** Steps of {@link openConsoles}, for people. */
export interface Steps {
  step<T>(title: string, work: () => Promise<T>): Promise<T>;
}

/**
 * Lets the servers of the story go on, with pages, users and an institute that may ask studies of Fred's and Sally's patients. All approve the study of the
 * tour but Sally. They are stopped by `cleanup`.
 * @param homes of the story, whose servers have been stopped
 */
export async function openConsoles(params: {
  demo: DemoSettings;
  folder: string;
  homes: Readonly<Record<'fred' | 'sally' | 'keys', string>>;
  steps: Steps;
  cleanup: Cleanup;
}): Promise<StudyRehearsal> {
  const { demo, folder, homes, steps, cleanup } = params;
  const data = await writeCoached(folder);
  const terms = {
    title: coachingTitle,
    parties: ['institute', 'sally', 'fred'],
    purpose: coachingPurpose,
    studies: coachingStudies,
    pads: 'expanded' as const,
    term: term(),
  };
  const world = new StudyRehearsal({ terms, data }, folder, cleanup);
  Object.assign(world.homes, homes);
  await steps.step('An institute joins them, with a server of its own', async () => {
    world.homes.institute = await makeInstitute(demo, folder);
    world.exchangeCards(Object.fromEntries(world.roles.map((id) => [id, openHome(world.homes[id]!)])));
    await world.start();
  });
  await steps.step('All three sign what the institute may ask of the patients whom Fred and Sally share', async () => {
    await world.addData();
    await world.draft();
    await world.sign();
    for (const house of houses) await approveStudies(house, world);
  });
  await steps.step('Each gives its people their logins', () =>
    Promise.all(houses.map((house) => addPlayers(house, world.homes[house]!, demo))),
  );
  return world;
}

/** All studies are approved everywhere, but for one that waits at Sally's. */
async function approveStudies(house: House, { homes, agreement }: StudyRehearsal): Promise<void> {
  const { id, roles } = players[house].find((player) => player.roles.includes('privacy-officer'))!;
  await withOrganisation(homes[house]!, async ({ studies }) => {
    for (const { name } of coachingStudies.list) {
      if (house === 'sally' && name === visits.name) continue;
      await studies.approve(agreement, name, { kind: 'user', id, roles });
    }
  });
}

async function makeInstitute(demo: DemoSettings, folder: string): Promise<string> {
  const path = join(folder, 'institute');
  await createHome({
    path,
    id: 'institute',
    name: houseNames.institute,
    role: 'party',
    host: '127.0.0.1',
    port: 0,
    database: 'embedded',
    settings: settingsOf('institute', demo, join(folder, 'data')),
    now: () => new Date(),
  });
  return path;
}

async function addPlayers(house: House, home: string, { consoles, password }: DemoSettings): Promise<void> {
  const owner = apiClient(localClient(openHome(home)));
  const stranger = peopleClient({ url: consoles.find(({ id }) => id === house)!.url });
  try {
    for (const { id, name, roles } of players[house]) {
      const { code } = await owner.call(people.addUser, { body: { id, name, roles: [...roles] } });
      await stranger.call(people.setUpPassword, { body: { code, password } });
    }
  } finally {
    await Promise.all([owner.close(), stranger.close()]);
  }
}

/** A year from today. */
function term(): { from: string; until: string } {
  const day = (offset: number): string => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
  return { from: day(0), until: day(365) };
}
