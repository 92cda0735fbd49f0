import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import type { Practice } from '../../../workstation/src/index.ts';
import { TestRegistry } from '../../../workstation/test/support/registry.ts';
import { consolePages } from '../../src/index.ts';
import { logIn, openBrowser, openPage, type Watched } from './browser.ts';
import { addPersons, type PersonId } from './world.ts';

/** The servers of a registry whose people have the console. */
export type RegistryServer = 'module' | 'centre';

/** A registry over real TLS with simulated cards, and a browser, for the tests of one `describe`. */
export interface RegistryStage {
  readonly registry: TestRegistry;
  /** A physician's client that is logged in. */
  readonly clinic: Practice;
  urlOf(server: RegistryServer): string;
  /** A page of somebody who is logged in. */
  pageOf(server: RegistryServer, person: PersonId): Promise<Watched>;
}

/** Opens them before the first test of the `describe` that calls it, and closes them after the last. */
export function setRegistryStage(): RegistryStage {
  let opened: readonly [TestRegistry, Browser, Practice] | undefined;
  const all = (): readonly [TestRegistry, Browser, Practice] => {
    if (opened === undefined) throw new Error('The stage opens before the first test, not while tests are collected');
    return opened;
  };
  const urlOf = (server: RegistryServer, [registry] = all()): string => {
    const { people } = registry.servers[server].config.settings as { people: { port: number } };
    return `http://127.0.0.1:${people.port}`;
  };
  beforeAll(async () => {
    const [registry, browser] = await Promise.all([TestRegistry.start({ pages: consolePages() }), openBrowser()]);
    const clinic = await registry.logIn(registry.clinic, await registry.professional('Dr North'));
    opened = [registry, browser, clinic];
    for (const server of ['module', 'centre'] as const) await addPersons(registry.servers[server], urlOf(server));
  });
  afterAll(async () => {
    const [registry, browser] = all();
    await browser.close();
    await registry.close();
  });
  return {
    get registry() {
      return all()[0];
    },
    get clinic() {
      return all()[2];
    },
    urlOf: (server) => urlOf(server),
    async pageOf(server, person) {
      const watched = await openPage(all()[1], urlOf(server));
      await logIn(watched.page, person);
      return watched;
    },
  };
}
