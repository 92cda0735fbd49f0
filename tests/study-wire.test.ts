import type { Studies } from '@symbolon/agreement';
import { sha256, utf8 } from '@symbolon/crypto';
import { type OpenSession, requestStudy } from '@symbolon/party';
import { programPads } from '@symbolon/service';
import { recordWires } from '@symbolon/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import { byRegion, parties, type StudyNetwork, studiesOf, studyNetwork } from '../apps/party/test/study-network.ts';
import { formsOf, type Needle, search, stored } from './support/canaries.ts';

// Values that nothing else in the world has: if one turns up on a wire, a record did.
const canaries = {
  hospital: ['QXZ7718820451', 'KJW5529910377'],
  insurer: ['VVB1038465920'],
  office: ['HHT6610293847'],
};
const visits = [918_273_645_546_372n, 817_263_544_536_271n];
const cost = 73_645_546_372_819n;
const rest = Array.from({ length: 8 }, (_, i) => `P${1000 + i}`);
const shared = [...canaries.hospital, ...rest];
const files = {
  hospital: `person,app,visits\n${shared.map((id, i) => `${id},true,${visits[i] ?? i}`).join('\n')}\n`,
  insurer: `member,cost\n${[...shared, ...canaries.insurer].map((id) => `${id},${cost}.0`).join('\n')}\n`,
  office: `citizen,region\n${[...shared, ...canaries.office].map((id) => `${id},north`).join('\n')}\n`,
};
const most = '999999999999999';
const agreed = studiesOf();
const { patients, members } = agreed.tables;
const studies: Studies = {
  ...agreed,
  tables: {
    ...agreed.tables,
    patients: {
      ...patients!,
      columns: { ...patients!.columns, visits: { type: 'number', policy: 'aggregate', min: '0', max: most } },
    },
    members: {
      ...members!,
      columns: {
        ...members!.columns,
        cost: { type: 'number', policy: 'aggregate', min: '0', max: '99999999999999', scale: 1 },
      },
    },
  },
  list: [
    { name: 'joined', text: byRegion, to: ['office'], maxRuns: 5 },
    { name: 'alone', text: 'SELECT SUM(p.visits) AS visits FROM patients p', to: ['office'], maxRuns: 5 },
  ],
};

const word = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return bytes;
};
const numbers: Needle[] = [
  ...[...visits, cost, 10n * cost].flatMap((value) => [
    { what: `${value} as a word`, bytes: word(value) },
    { what: `${value} as text`, bytes: Buffer.from(String(value)) },
  ]),
  // What the hospital would put into the sum of all its rows.
  { what: 'a sum as a word', bytes: word(visits[0]! + visits[1]! + 44n) },
];
/** Ids in the forms in which a program might send them, the digests among them by which rows meet. */
const texts = [...canaries.hospital, ...canaries.insurer, ...canaries.office].flatMap((id) => [
  ...formsOf(id),
  { what: `the key digest of ${id}`, bytes: Buffer.from(sha256(utf8(`symbolon study key ["${id}"]`)).subarray(0, 16)) },
]);

async function network(options: Parameters<StudyNetwork['start']>[0] = {}): Promise<[StudyNetwork, string]> {
  const started = await studyNetwork(files);
  onTestFinished(() => started.close());
  await started.start(options);
  return [started, await started.agree(studies)];
}

describe('what crosses the wires in a study', () => {
  test('no record in any form, on any wire, at the key service or on a disk that is not its owner’s', async () => {
    const [net, agreement] = await network();
    const recorder = recordWires();
    onTestFinished(() => recorder.stop());
    const run = await requestStudy(net.homes.hospital.path, { agreement, study: 'joined' });
    const { bytes } = run.details!;
    const wires = recorder.all();
    expect(wires.length).toBeGreaterThan(bytes.sent + bytes.received + bytes.answerKey);
    expect(search(wires, [...texts, ...numbers])).toEqual([]);

    const toKeys = Buffer.from(recorder.sentTo(net.homes.keys.config.listen.port));
    const requests = toKeys.toString('latin1').match(/(GET|POST|DELETE|PUT|PATCH) \S+(?= HTTP\/1\.1\r\n)/g) ?? [];
    const asked = new Set(
      requests.map((line) => line.replace(/[\w-]{43}/, ':id').replace(/\/\d+\/\d+$/, '/:from/:to')),
    );
    // Whether a proof is asked for depends on who has witnessed what by then.
    asked.delete('GET /v1/log/consistency/:from/:to');
    expect(asked).toEqual(
      new Set(['GET /v1/log/seen', 'POST /v1/log/exchange', 'POST /v1/sessions', 'POST /v1/sessions/:id/answer']),
    );
    expect(search(stored(net.homes.keys.path), [...texts, ...numbers])).toEqual([]);
    for (const party of parties) {
      for (const [owner, ids] of Object.entries(canaries)) {
        if (owner !== party) expect(search(stored(net.homes[party].path), ids.flatMap(formsOf))).toEqual([]);
      }
    }
    const session = { what: 'the session', bytes: Buffer.from(run.session!) };
    expect(search(stored(net.homes.keys.path), [session])).toEqual(['the session']);
  });

  test('positive control: an input whose mask is bare is found', async () => {
    const options = { openSession: bareMasks };
    const [net, agreement] = await network({ hospital: options, insurer: options, office: options });
    const recorder = recordWires();
    onTestFinished(() => recorder.stop());
    await expect(requestStudy(net.homes.hospital.path, { agreement, study: 'alone' })).rejects.toThrow();
    expect(search(recorder.all(), numbers)).toEqual(['a sum as a word']);
  });
});

/** One-time keys whose pads are all zero: whoever sees Δ sees x. The run ends where the answer key would come. */
const bareMasks: OpenSession = async ({ attempt, grant, program }) => {
  const pads = programPads(program, grant.index).map(({ node, bytes }) => [node, new Uint8Array(bytes)] as const);
  const seeds = grant.parties.map((_, party) =>
    sha256(Uint8Array.of(Math.min(party, grant.index), Math.max(party, grant.index), ...attempt)),
  );
  return {
    session: sha256(attempt),
    secrets: async () => ({ seeds, pads: new Map(pads) }),
    answerKey: () => {
      throw new Error('the control ends here');
    },
    end: () => undefined,
  };
};
