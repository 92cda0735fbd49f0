import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { logIn, openBrowser, openPage, type Watched } from './browser.ts';
import { type House, openWorld, type PersonId, type World } from './world.ts';

/** The servers of two houses and a browser, for the tests of one `describe`. */
export interface Stage {
  readonly world: World;
  readonly browser: Browser;
  /** A page of somebody who is logged in. */
  pageOf(house: House, person: PersonId): Promise<Watched>;
  /** A page of nobody yet. */
  pageAt(house: House): Promise<Watched>;
}

/** Opens them before the first test of the `describe` that calls it, and closes them after the last. @param open what is not as in other tests */
export function setStage(open: () => Promise<World> = openWorld): Stage {
  let opened: readonly [World, Browser] | undefined;
  const both = (): readonly [World, Browser] => {
    if (opened === undefined) throw new Error('The stage opens before the first test, not while tests are collected');
    return opened;
  };
  beforeAll(async () => {
    opened = await Promise.all([open(), openBrowser()]);
  });
  afterAll(async () => {
    const [world, browser] = both();
    await browser.close();
    await world.close();
  });
  const pageAt = (house: House): Promise<Watched> => openPage(both()[1], both()[0].url[house]);
  return {
    get world() {
      return both()[0];
    },
    get browser() {
      return both()[1];
    },
    pageAt,
    async pageOf(house, person) {
      const watched = await pageAt(house);
      await logIn(watched.page, person);
      return watched;
    },
  };
}
