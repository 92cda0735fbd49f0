import type { Rng } from '@symbolon/crypto';
import type { DemoSettings } from '@symbolon/party';
import { freePort, type Role } from '@symbolon/service';
import { forbiddenQuestion, visits } from './coaching.ts';

/** An organisation of the demo whose pages the visitor opens. */
export type House = 'fred' | 'sally' | 'institute';

export const houses = ['fred', 'sally', 'institute'] as const satisfies readonly House[];

export const houseNames: Readonly<Record<House, string>> = {
  fred: "Fred's Health Insurance",
  sally: "Sally's EHR",
  institute: 'Institute for Care Research',
};

/** Somebody as whom the visitor logs in. */
export interface Player {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** For the table of logins. */
  readonly does: string;
}

export const players: Readonly<Record<House, readonly Player[]>> = {
  fred: [
    {
      id: 'paula',
      name: 'Paula',
      roles: ['privacy-officer'],
      does: 'signs agreements, approves studies, reads the log',
    },
    { id: 'anton', name: 'Anton', roles: ['analyst'], does: 'runs the link with Sally, reads alerts' },
    { id: 'otto', name: 'Otto', roles: ['operator', 'auditor'], does: 'keeps users and the server, audits the log' },
  ],
  sally: [
    {
      id: 'petra',
      name: 'Petra',
      roles: ['privacy-officer'],
      does: 'decides what leaves the house; a study waits for her',
    },
    {
      id: 'stella',
      name: 'Stella',
      roles: ['data-steward'],
      does: 'keeps the data sets and what they may be used for',
    },
  ],
  institute: [
    { id: 'rosa', name: 'Rosa', roles: ['analyst'], does: 'asks studies over data that she never sees, reads results' },
    { id: 'ines', name: 'Ines', roles: ['privacy-officer'], does: 'signs agreements and approves studies' },
  ],
};

/** What all servers of a demo are told: addresses, logins, the way of the tour. */
export async function makeCast(rng: Rng): Promise<DemoSettings> {
  const consoles: DemoSettings['consoles'] = [];
  for (const id of houses) {
    const url = `http://127.0.0.1:${await freePort('127.0.0.1')}`;
    const users = players[id].map(({ does: _, roles, ...user }) => ({ ...user, roles: [...roles] }));
    consoles.push({ id, name: houseNames[id], url, users });
  }
  return {
    consoles,
    password: makePassword(rng),
    tour: {
      study: visits.name,
      approver: ['sally', 'petra'],
      researcher: ['institute', 'rosa'],
      forbidden: forbiddenQuestion,
    },
  };
}

/** What `symbolon.json` of a house says. */
export function settingsOf(house: House, demo: DemoSettings, folder: string) {
  const { url } = demo.consoles.find(({ id }) => id === house)!;
  return { people: { port: Number(new URL(url).port) }, dataFolders: [folder], demo };
}

// Letters and digits that nobody takes for others.
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';

/** 12 characters, about 59 bits, in three groups that are easy to type. */
function makePassword(rng: Rng): string {
  const letters: string[] = [];
  while (letters.length < 12) {
    for (const byte of rng(12)) if (byte < 8 * alphabet.length) letters.push(alphabet[byte % alphabet.length]!);
  }
  return [0, 4, 8].map((from) => letters.slice(from, from + 4).join('')).join('-');
}
