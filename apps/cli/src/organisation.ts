import {
  type AskedLink,
  type AskedStudy,
  type LinkProgress,
  type Match,
  Organisation,
  type OrganisationView,
  type RunInfo,
  requestLink,
  requestStudy,
  runLinkOn,
  runStudyOn,
  type StudyRunInfo,
  servedOrganisation,
} from '@symbolon/party';
import { readSaved } from './saved-sessions.ts';
import { serverName, withServer } from './server.ts';
import type { Place } from './server-options.ts';

/** Opens the organisation's folder for one piece of work, and closes it whatever happens. */
export async function withOrganisation<T>(home: string, work: (organisation: Organisation) => Promise<T>): Promise<T> {
  const organisation = await Organisation.open(home);
  try {
    return await work(organisation);
  } finally {
    await organisation.close();
  }
}

/**
 * The organisation where a command works: through the server that was named, or that of the folder where somebody is logged in; else its
 * folder, as its owner.
 */
export async function withView<T>(at: Place, work: (organisation: OrganisationView) => Promise<T>): Promise<T> {
  if (!isServed(at)) return withOrganisation(at.home, work);
  return withServer(at.home, at, (client) => work(servedOrganisation(client)));
}

/** Whether somebody is logged in, or has to be. */
export function isServed(at: Place): boolean {
  return at.server !== undefined || readSaved(serverName(at.home, at)).session !== undefined;
}

/** All matches of a run, as the organisation of this folder knows them. */
export function matchesOf(home: string, run: number): Promise<Match[]> {
  return withOrganisation(home, (organisation) => collectMatches(organisation, run));
}

/** All matches of a run. */
export async function collectMatches({ links }: Pick<OrganisationView, 'links'>, run: number): Promise<Match[]> {
  const matches: Match[] = [];
  for await (const match of links.matches(run)) matches.push(match);
  return matches;
}

interface Following {
  readonly onProgress: (event: LinkProgress) => void;
  readonly signal: AbortSignal;
}

/** Asks the server for a link, and follows it to the end. */
export async function runLinkAt(at: Place, asked: AskedLink, following: Following): Promise<RunInfo> {
  if (!isServed(at)) return requestLink(at.home, { ...asked, ...following });
  return withServer(at.home, at, async (client) =>
    servedOrganisation(client).links.show(await runLinkOn(client, asked, following)),
  );
}

/** Asks the server for a study, and follows it to the end. */
export async function runStudyAt(at: Place, asked: AskedStudy, following: Following): Promise<StudyRunInfo> {
  if (!isServed(at)) return requestStudy(at.home, { ...asked, ...following });
  return withServer(at.home, at, async (client) =>
    servedOrganisation(client).studies.run(await runStudyOn(client, asked, following)),
  );
}
