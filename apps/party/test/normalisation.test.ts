import { DatabaseSync } from 'node:sqlite';
import {
  type Agreement,
  cosignAgreement,
  normalisations,
  parseAgreement,
  signAgreement,
  verifyAgreement,
} from '@symbolon/agreement';
import { canonicalBytes, type SignedDocument } from '@symbolon/crypto';
import { FrameSocket, homePaths } from '@symbolon/service';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openContext } from '../src/context.ts';
import { requestLink } from '../src/index.ts';
import { agree, quiet, type TestNetwork, testNetwork } from './network.ts';

// What is compared is what normalisation leaves: two copies of an agreement that differ in it alone are two agreements.

let network: TestNetwork;
let hash: string;
let frames: number;
beforeEach(async () => {
  network = await testNetwork();
  await network.start();
  hash = await agree(network);
  frames = 0;
  const { send } = FrameSocket.prototype;
  vi.spyOn(FrameSocket.prototype, 'send').mockImplementation(function (this: FrameSocket, frame: Uint8Array) {
    frames++;
    return send.call(this, frame);
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await network.close();
});

/** The agreement with texts compared as they are written, signed by both as the first was. */
async function otherwise(): Promise<SignedDocument> {
  const { fred, sally } = network.homes;
  const { agreement } = await network.fred(({ agreements }) => agreements.show(hash));
  const text = Buffer.from(canonicalBytes(agreement)).toString();
  const steps = JSON.stringify(normalisations);
  expect(text).toContain(steps);
  const other: Agreement = parseAgreement(Buffer.from(text.replaceAll(steps, '[]')));
  return cosignAgreement(signAgreement(other, fred.signingKey), sally.signingKey);
}

/** Sally keeps this agreement in the place of the first. @returns its hash */
async function sallyKeeps(document: SignedDocument): Promise<string> {
  const context = await openContext(network.homes.sally.path, { logger: quiet });
  try {
    await context.agreements.remove(hash);
    await context.database
      .transaction()
      .execute((transaction) => context.agreements.within(transaction).keep(document));
    return verifyAgreement(document).hash;
  } finally {
    await context.close();
  }
}

function sqlite(role: 'fred' | 'sally' | 'keys', work: (database: DatabaseSync) => unknown): unknown {
  const database = new DatabaseSync(homePaths(network.homes[role].path).database);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

/** No line was opened and no run begun; no keys were issued or used. */
async function nothingHappened(): Promise<void> {
  expect(frames).toBe(0);
  for (const side of [network.fred, network.sally]) {
    expect(await side(({ links }) => links.list())).toEqual([]);
  }
  for (const [role, table] of [
    ['fred', 'burned_session'],
    ['sally', 'burned_session'],
    ['keys', 'issued_session'],
  ] as const) {
    expect(sqlite(role, (database) => database.prepare(`SELECT * FROM ${table}`).all())).toEqual([]);
  }
}

test('a peer that agreed on other normalisation is refused by name, whoever begins, before a line is opened', async () => {
  const other = await sallyKeeps(await otherwise());
  expect(other).not.toBe(hash);
  const logged = { fred: 0, sally: 0 };
  for (const side of ['fred', 'sally'] as const) logged[side] = await network[side](async ({ log }) => log.size);
  const { fred, sally } = network.homes;
  await expect(requestLink(fred.path, { agreement: hash })).rejects.toMatchObject({
    code: 'peer-refused',
    culprit: 'sally',
  });
  await expect(requestLink(sally.path, { agreement: other })).rejects.toMatchObject({
    code: 'peer-refused',
    culprit: 'fred',
  });
  // Each has in its log that it refused the other.
  for (const side of ['fred', 'sally'] as const) {
    expect(await network[side](async ({ log }) => log.size)).toBeGreaterThan(logged[side]);
  }
  await nothingHappened();
});

test('nor is other normalisation taken under the hash of what was agreed', async () => {
  const document = Buffer.from(canonicalBytes(await otherwise()));
  sqlite('sally', (database) => database.prepare('UPDATE agreement SET document = ?').run(document));
  await expect(requestLink(network.homes.fred.path, { agreement: hash })).rejects.toMatchObject({
    code: expect.stringMatching(/^(agreement-altered|peer-refused)$/),
  });
  await expect(requestLink(network.homes.sally.path, { agreement: hash })).rejects.toMatchObject({
    code: 'agreement-altered',
  });
  await nothingHappened();
});
