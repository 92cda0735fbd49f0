import { type Meet, meetInputs, meetWires, type StudyProgram, studyProtocol } from '@symbolon/analytics';
import { base64url, Prg } from '@symbolon/crypto';
import { PlanBuilder } from '@symbolon/engine';
import { createKernels } from '@symbolon/kernels';
import { programHash } from '@symbolon/service';
import { expect, test } from 'vitest';
import { collect, leaves, type Network, network, type TestParty } from './network.ts';

/** Three parties: the entries of p0 meet those of p1 and of p2; the sums of what p1 stores open to p2. */
function threeParties(): StudyProgram {
  const meets = [1, 2].map((spoke): Meet => ({ spoke, entries: [4096, 50], columns: [{ kind: 'word', ring: 64 }] }));
  const builder = new PlanBuilder(3);
  const shares = meets.map((meet, at) => meetInputs(builder, at, meet));
  const [first] = shares.map((share) => meetWires(builder, share));
  builder.reveal(builder.sum(first!.columns[0]!), [2], 'sum');
  return studyProtocol.parse({ protocol: 'study/1', parties: 3, meets, plan: builder.build() });
}

const program = threeParties();
const { answerKeyBytes } = studyProtocol.cost(program);
const dataHash = base64url(new Uint8Array(32).fill(5));

/** All three ask for one session. */
async function openAll(net: Network, changed: object = {}) {
  const parties = net.parties.map(({ card: { id, organisationKey, signingKey } }) => ({
    id,
    organisationKey,
    signingKey,
  }));
  const terms = { program, programHash: base64url(programHash(program)), parties, ...changed };
  const requests = await Promise.all(net.parties.map((party) => party.request(terms)));
  return Promise.all(net.parties.map((party, i) => party.keys.open(requests[i]!, 20_000)));
}

function signedBy(parties: readonly TestParty[], session: string): Record<string, string> {
  return Object.fromEntries(parties.map((party) => [party.card.id, party.sign(session, dataHash)]));
}

test('a session of three: seeds of all pairs, and the answer key to p0, against all three signatures', async () => {
  const net = await network();
  const [fred, sally, mallory] = net.parties;
  const answers = await openAll(net);
  const [{ session }] = answers as [(typeof answers)[0]];
  expect(new Set(answers.map((answer) => answer.session))).toEqual(new Set([session]));
  for (const [i, one] of answers.entries()) {
    for (const [j, other] of answers.entries()) if (i !== j) expect(one.seeds[j]).toEqual(other.seeds[i]);
  }
  const distinct = new Set(answers.flatMap(({ seeds }) => seeds.map((seed) => base64url(seed))));
  expect(distinct.size).toBe(6);

  const signatures = signedBy([fred, sally, mallory], session);
  const ask = (who: TestParty, request: { dataHash: string; signatures: Record<string, string> }) =>
    collect(who.keys.answer(session, request, answerKeyBytes));
  await expect(ask(sally, { dataHash, signatures })).rejects.toMatchObject({ code: 'keyservice-refused' });
  await expect(ask(fred, { dataHash, signatures: signedBy([fred, sally], session) })).rejects.toMatchObject({
    code: 'document-signer',
    culprit: 'mallory',
  });
  const key = await ask(fred, { dataHash, signatures });
  const masks = answers.map(({ seeds }, party) => new Prg(seeds[party]!));
  const expected = [...studyProtocol.deal({ program, masks, kernels: createKernels() })];
  expect(Buffer.concat(expected).equals(key)).toBe(true);
  expect(await leaves(net)).toMatchObject([
    {
      kind: 'session-issued',
      session,
      parties: ['fred', 'sally', 'mallory'],
      program: base64url(programHash(program)),
    },
    { kind: 'refused', code: 'keyservice-refused' },
    { kind: 'refused', code: 'document-signer', culprit: 'mallory' },
    { kind: 'answer-released', session, data: dataHash },
  ]);
});

test('a program for three is not dealt to two, and one that no plan makes is refused', async () => {
  const net = await network({ waitSeconds: 2 });
  const [fred, sally] = net.parties;
  const terms = { program, programHash: base64url(programHash(program)) };
  const requests = await Promise.all([fred, sally].map((party) => party.request(terms)));
  const asked = await Promise.allSettled([fred, sally].map((party, i) => party.keys.open(requests[i]!, 20_000)));
  for (const one of asked) expect(one).toMatchObject({ status: 'rejected', reason: { code: 'plan-invalid' } });
  const altered = { ...program, plan: { ...program.plan, parties: 2 } };
  await expect(fred.keys.open(await fred.request({ program: altered }), 20_000)).rejects.toMatchObject({
    code: 'plan-invalid',
  });
});
