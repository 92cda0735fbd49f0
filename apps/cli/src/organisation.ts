import { type Match, Organisation } from '@symbolon/party';

/** Opens the organisation's folder for one piece of work, and closes it whatever happens. */
export async function withOrganisation<T>(home: string, work: (organisation: Organisation) => Promise<T>): Promise<T> {
  const organisation = await Organisation.open(home);
  try {
    return await work(organisation);
  } finally {
    await organisation.close();
  }
}

/** All matches of a run, as the organisation of this folder knows them. */
export function matchesOf(home: string, run: number): Promise<Match[]> {
  return withOrganisation(home, async ({ links }) => {
    const matches: Match[] = [];
    for await (const match of links.matches(run)) matches.push(match);
    return matches;
  });
}
