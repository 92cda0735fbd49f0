import { hex } from '@symbolon/crypto';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { expect, test } from 'vitest';
import type { PersonField } from '../../src/module/identities/person.ts';
import type { Evaluator } from '../../src/module/pseudonyms/maker.ts';
import { Pseudonyms } from '../../src/module/pseudonyms/pseudonyms.ts';
import { saltedMaker } from '../../src/module/pseudonyms/salted.ts';
import { fields, localKeys, makeStage, person } from './stage.ts';

const by = 'ada';
const people = Array.from({ length: 7 }, (_, i) => person(`Name${'abcdefg'[i]}`, 'Ida', `19${50 + 5 * i}-01-01`));

onBothDatabases(() => {
  test.each(['salted-1', 'oprf-1'])(
    '%s: two modules never give linkable pseudonyms, not even with one key',
    async (first) => {
      const [hips, knees] = [await makeStage({ first }), await makeStage({ id: 'knees', first })];
      const seen = new Set<string>();
      for (const { visit } of [hips, knees]) {
        const [one, two] = [await visit('ana', people[0]!), await visit('ben', people[0]!)];
        expect(one.pseudonym).toHaveLength(32);
        expect(two.pseudonym).toStrictEqual(one.pseudonym);
        seen.add(hex(one.pseudonym)).add(hex((await visit('ana', people[1]!)).pseudonym));
      }
      expect(seen.size).toBe(4);
    },
  );

  test('with another key nothing is made: every patient would become another one', async () => {
    const { pseudonyms, context } = await makeStage();
    await pseudonyms.make(['x']);
    const wrong = {
      first: 'salted-1',
      maker: () => saltedMaker('hips', new Uint8Array(32)),
      tagKey: new Uint8Array(32),
    };
    await expect(new Pseudonyms(wrong, context).make(['x'])).rejects.toMatchObject({
      code: 'pseudonym-key',
      culprit: 'salted-1',
    });
  });

  test('with other identifiers neither; what does not identify may change', async () => {
    const { context } = await makeStage();
    const source = {
      first: 'salted-1',
      maker: () => saltedMaker('hips', new Uint8Array(32)),
      tagKey: new Uint8Array(32),
    };
    const made = (changed: typeof fields) => new Pseudonyms(source, { ...context, fields: changed }).make(['x']);
    await made(fields);
    await made(fields.slice(0, 3));
    const [last, first, date, code] = fields as [PersonField, PersonField, PersonField, PersonField];
    for (const others of [
      [first, last, date],
      [last, first],
      [last, { ...first, as: 'place' as const }, date],
      [last, first, date, { ...code, required: true }],
    ]) {
      await expect(made(others)).rejects.toMatchObject({ code: 'pseudonym-key' });
    }
  });

  test.each([
    ['oprf-1', 'oprf-2'],
    ['salted-1', 'oprf-1'],
  ])('from %s to %s: the centre is told who becomes whom, and no identity', async (first, second) => {
    const { visit, relations, keyChange, pseudonyms, identityOf, changes, settler } = await makeStage({ first });
    await expect(keyChange.map()).rejects.toMatchObject({ code: 'conflict' });
    const before = [];
    for (const one of people.slice(0, 5)) before.push(await visit('ana', one));
    const ids = await Promise.all(before.map(({ relation }) => identityOf(relation)));
    const merge = await changes.merge({ from: ids[1]!, to: ids[0]!, by });

    await expect(keyChange.begin(first, by)).rejects.toMatchObject({ code: 'conflict' });
    await keyChange.begin(second, by);
    await expect(keyChange.begin('oprf-9', by)).rejects.toMatchObject({ code: 'conflict' });
    expect(await pseudonyms.current()).toBe(first);
    await expect(changes.undo({ change: merge.id, by })).rejects.toMatchObject({ code: 'conflict' });
    const told = new Map<string, string>();
    const take = async () => {
      const map = await keyChange.map(2);
      expect((await keyChange.map(2)).pairs).toStrictEqual(map.pairs);
      for (const { from, to } of map.pairs) told.set(hex(from), hex(to));
      await keyChange.taken(map);
      return map.last;
    };
    expect([await take(), await keyChange.finish()]).toEqual([false, false]);
    // Somebody new comes while it goes on.
    before.push(await visit('ben', people[5]!));
    const { relation } = await relations.of('ben', people[6]!);
    const [late] = await relations.use('ben', [relation]);
    before.push(late!);
    await settler.idle();
    while (!(await take()));
    // Tickets name both of the merge until the centre knows of it, and only one is in the maps.
    expect(await keyChange.finish()).toBe(false);
    await changes.told(merge.id);
    expect(await keyChange.finish()).toBe(true);

    expect(await pseudonyms.current()).toBe(second);
    expect(told.size).toBe(6);
    for (const [i, one] of before.entries()) {
      const physician = i < 5 ? 'ana' : 'ben';
      const [after] = await relations.use(physician, [one.relation]);
      const old = hex(before[i === 1 ? 0 : i]!.pseudonym);
      expect(told.get(old)).toBe(hex(after!.pseudonym));
      expect(told.has(hex(after!.pseudonym))).toBe(false);
      for (const either of [before[i]!.pseudonym, after!.pseudonym]) {
        expect(await pseudonyms.patientOf(either)).toBe(i < 2 ? ids[0] : await identityOf(one.relation));
      }
    }
    await expect(keyChange.begin(first, by)).rejects.toMatchObject({ code: 'conflict' });
    await changes.undo({ change: merge.id, by });
  });

  test('a ticket that is made while the keys change names no pseudonym of a key that is past', async () => {
    const honest = localKeys();
    let meanwhile: (() => Promise<unknown>) | undefined;
    const evaluate: Evaluator['evaluate'] = async (...asked) => {
      const evaluated = await honest.evaluate(...asked);
      const once = meanwhile;
      meanwhile = undefined;
      await once?.();
      return evaluated;
    };
    const { visit, relations, keyChange, pseudonyms } = await makeStage({ first: 'oprf-1', keys: { evaluate } });
    await visit('ana', people[0]!);
    await keyChange.begin('oprf-2', by);
    await keyChange.taken(await keyChange.map());
    const { relation } = await relations.of('ana', people[1]!);
    let finished: unknown;
    meanwhile = async () => {
      finished = await keyChange.finish();
    };
    const [first] = await relations.use('ana', [relation]);
    expect([finished, await pseudonyms.current()]).toEqual([true, 'oprf-2']);
    const [second] = await relations.use('ana', [relation]);
    expect(hex(first!.pseudonym)).toBe(hex(second!.pseudonym));
    expect((await pseudonyms.since())!.getTime()).toBeGreaterThan(Date.UTC(2026, 10, 1));
  });

  test('of a patient who is erased nothing is left, nor in what the log tells; the others stay', async () => {
    const { visit, patients, cards, identityOf, pseudonyms, database, duplicates, relations } = await makeStage();
    const gone = await visit('ana', person('Vanishing', 'Ida'));
    const stays = await visit('ana', person('Vanisching', 'Ida'));
    await cards.add(gone.relation, 'thumbprint-gone');
    const check = {
      installation: 'north',
      card: 'checked-gone',
      by: 'card at north',
      until_at: '2027-01-01T00:00:00Z',
    };
    await database
      .insertInto('person_check')
      .values({ relation: gone.relation, operation: 'erase', ...check })
      .execute();
    await relations.of('cleo', person('Vanishing', 'Ida'));
    await visit('dora', { ...person('Vanishing', 'Ida'), insurance: 'D123' });
    const dump = async () => {
      const tables = [
        'identity',
        'identity_key',
        'relation',
        'pseudonym_tag',
        'patient_card',
        'person_check',
        'duplicate',
        'identity_change',
      ] as const;
      const rows = await Promise.all(tables.map((table) => database.selectFrom(table).selectAll().execute()));
      const events = await database.selectFrom('log_entry').select('event').execute();
      return JSON.stringify(rows) + events.map(({ event }) => Buffer.from(event!).toString()).join('\n');
    };
    const secrets = ['Vanishing', 'thumbprint-gone', 'checked-gone', pseudonyms.tag(gone.pseudonym)];
    const full = await dump();
    for (const secret of secrets) expect(full).toContain(secret);
    const patient = await identityOf(gone.relation);
    const { hash } = await database
      .selectFrom('identity')
      .select('hash')
      .where('id', '=', patient)
      .executeTakeFirstOrThrow();
    expect(await duplicates.list({ limit: 10 })).toHaveLength(1);
    await patients.erase(patient, by);
    const empty = await dump();
    expect(await database.selectFrom('identity_key').select('key').where('identity', '=', patient).execute()).toEqual(
      [],
    );
    for (const secret of [...secrets, hash]) expect(empty).not.toContain(secret);
    expect(empty).toContain('Vanisching');
    expect(await pseudonyms.patientOf(gone.pseudonym)).toBeUndefined();
    expect(await duplicates.list({ limit: 10 })).toEqual([]);
    await expect(relations.show('ana', gone.relation)).rejects.toMatchObject({ code: 'not-found' });
    await expect(patients.erase(patient, by)).rejects.toMatchObject({ code: 'not-found' });
    expect(await relations.show('ana', stays.relation)).toMatchObject({ person: person('Vanisching', 'Ida') });
    expect((await patients.search(person('Vanishing', 'Ida'), 10)).map((one) => one.person.lastName)).toEqual([
      'Vanisching',
    ]);
  });
});

test('no pseudonym is kept at the module', async () => {
  const { visit, database } = await makeStage();
  const { pseudonym } = await visit('ana', people[0]!);
  const tables = ['identity', 'relation', 'pseudonym_tag', 'pseudonym_key'] as const;
  const rows = await Promise.all(tables.map((table) => database.selectFrom(table).selectAll().execute()));
  const text = JSON.stringify(rows, (_, value) => (value instanceof Uint8Array ? hex(value) : value));
  const ways = [
    hex(pseudonym),
    Buffer.from(pseudonym).toString('base64url'),
    Buffer.from(pseudonym).toString('base64'),
  ];
  for (const way of ways) expect(text).not.toContain(way);
  // What is kept would be found.
  const [tag] = await database.selectFrom('pseudonym_tag').select('tag').execute();
  expect(text).toContain(tag!.tag);
});

test('more than one request holds, and a server that answers nonsense or changes its key', async () => {
  const honest = localKeys();
  let answer: Evaluator['evaluate'] = honest.evaluate;
  const { pseudonyms } = await makeStage({ first: 'oprf-1', keys: { evaluate: (...asked) => answer(...asked) } });
  const many = await pseudonyms.make(Array.from({ length: 1500 }, (_, i) => `person ${i % 750}`));
  expect(new Set(many.map(hex)).size).toBe(750);
  const cheats: [string, Evaluator['evaluate']][] = [
    ['frame-shape', async (_, elements) => elements.map((_, i) => new Uint8Array(32).fill(i))],
    [
      'frame-shape',
      async (key, elements) => [
        (await honest.evaluate(key, elements))[0]!,
        ...elements.slice(1).map(() => new Uint8Array(32)),
      ],
    ],
    ['pseudonym-key', localKeys('another').evaluate],
    ['pseudonym-key', async (_, elements) => [...elements]],
  ];
  for (const [code, cheat] of cheats) {
    answer = cheat;
    await expect(pseudonyms.make(['x', 'y'])).rejects.toMatchObject({ code });
  }
  let requests = 0;
  answer = (...asked) => (requests++ === 0 ? honest : localKeys('another')).evaluate(...asked);
  await expect(pseudonyms.make(Array.from({ length: 1500 }, String))).rejects.toMatchObject({ code: 'pseudonym-key' });
});
