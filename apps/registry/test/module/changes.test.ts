import { hex } from '@symbolon/crypto';
import { onBothDatabases } from '@symbolon/testkit/databases';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeStage, person } from './stage.ts';

const by = 'ada';
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error: { code: string }) => error.code,
  );

onBothDatabases(() => {
  test('who is new and like somebody waits for an administrator; merged, both are one patient; taken back, they are two', async () => {
    const { relations, visit, duplicates, changes, patients, pseudonyms, identityOf, database } = await makeStage();
    const first = await visit('ana', person('Schneider', 'Johanna'));
    const second = await visit('ben', person('Schnieder', 'Johanna'));
    await visit('ben', person('Quite', 'Different', '1999-09-09'));
    const [open, ...more] = await duplicates.list({ limit: 10 });
    expect(more).toEqual([]);
    expect(open).toMatchObject({
      reasons: { lastName: 'typing-error', firstName: 'same', birthDate: 'same' },
      people: [{ person: person('Schneider', 'Johanna') }, { person: person('Schnieder', 'Johanna') }],
    });
    expect(open!.score).toBeGreaterThan(950);

    const [one, other] = open!.people.map(({ patient }) => patient) as [number, number];
    expect(one).not.toBe(other);
    const merge = await changes.merge({ from: other, to: one, by });
    expect(merge).toMatchObject({
      kind: 'merge',
      from: other,
      to: one,
      identities: [other],
      undoes: null,
      undoneBy: null,
    });
    expect(await changes.forCentre(merge.id)).toEqual({
      ...{ kind: 'merge', from: second.pseudonym, to: first.pseudonym, relations: [] },
    });
    expect(await duplicates.list({ limit: 10 })).toEqual([]);
    // Until the central server knows of it, tickets say what it knows.
    const [before] = await relations.use('ben', [second.relation]);
    expect(hex(before!.pseudonym)).toBe(hex(second.pseudonym));
    const typed = await relations.of('ana', person('Schnieder', 'Johanna'));
    expect(typed.relation).not.toBe(first.relation);
    await changes.told(merge.id);
    const [after] = await relations.use('ben', [second.relation]);
    expect(hex(after!.pseudonym)).toBe(hex(first.pseudonym));
    // The physician who knows one spelling types the other: they are one once the card was there.
    expect((await relations.of('ana', person('Schnieder', 'Johanna'))).relation).toBe(typed.relation);
    await relations.shown(first.relation, database);
    expect((await relations.of('ana', person('Schnieder', 'Johanna'))).relation).toBe(first.relation);
    for (const { pseudonym } of [first, second]) expect(await pseudonyms.patientOf(pseudonym)).toBe(one);
    expect(await patients.show(one)).toMatchObject({
      identities: [{ identity: one }, { identity: other }],
      physicians: ['ana', 'ben'],
    });
    expect(await code(patients.show(other))).toBe('not-found');

    const undone = await changes.undo({ change: merge.id, by });
    expect(undone).toMatchObject({ kind: 'split', from: one, to: other, identities: [other], undoes: merge.id });
    expect((await changes.show(merge.id)).undoneBy).toBe(undone.id);
    expect(await changes.forCentre(undone.id)).toEqual({
      ...{ kind: 'split', from: first.pseudonym, to: second.pseudonym, relations: [second.relation] },
    });
    const named = async () => hex((await relations.use('ben', [second.relation]))[0]!.pseudonym);
    expect(await named()).toBe(hex(first.pseudonym));
    await changes.told(undone.id);
    expect(await named()).toBe(hex(second.pseudonym));
    expect(await duplicates.list({ limit: 10 })).toHaveLength(1);
    expect(await pseudonyms.patientOf(second.pseudonym)).toBe(await identityOf(second.relation));
    expect(await code(changes.undo({ change: merge.id, by }))).toBe('conflict');
    // Merged once more by taking the split back.
    await changes.told((await changes.undo({ change: undone.id, by })).id);
    expect(hex((await relations.use('ben', [second.relation]))[0]!.pseudonym)).toBe(hex(first.pseudonym));
    expect((await changes.list({ limit: 10 })).map(({ kind }) => kind)).toEqual(['merge', 'split', 'merge']);
  });

  test('a split that no merge came before, and duplicates that are none', async () => {
    const { visit, duplicates, changes, identityOf } = await makeStage();
    const ids: number[] = [];
    for (const name of ['Anderson', 'Andersen', 'Andersson']) {
      ids.push(await identityOf((await visit('ana', person(name, 'Kim'))).relation));
    }
    const [a, b, c] = ids as [number, number, number];
    for (const from of [b, c]) await changes.merge({ from, to: a, by });
    expect(await duplicates.list({ limit: 10 })).toEqual([]);
    const split = await changes.split({ from: a, identities: [c, b], by });
    expect(split).toMatchObject({ kind: 'split', from: a, to: b, identities: [b, c] });
    expect((await changes.forCentre(split.id))!.relations).toHaveLength(2);
    // The administrator has said so: it is not asked again.
    expect(await duplicates.list({ limit: 10 })).toEqual([]);
    await changes.undo({ change: split.id, by });
    await changes.undo({ change: (await changes.list({ limit: 10 }))[0]!.id, by });
    const [open] = await duplicates.list({ limit: 10 });
    await duplicates.dismiss(open!.id, by);
    expect((await duplicates.list({ limit: 10 })).map(({ id }) => id)).not.toContain(open!.id);
    expect(await code(duplicates.dismiss(open!.id, by))).toBe('not-found');
  });

  test('what does not fit is refused', async () => {
    const { visit, changes, identityOf } = await makeStage();
    const ids: number[] = [];
    for (const name of ['A', 'Bcd', 'Cfgh', 'Dxyz']) {
      ids.push(await identityOf((await visit('ana', person(name, name, `1970-01-0${ids.length + 1}`))).relation));
    }
    const [a, b, c, d] = ids as [number, number, number, number];
    const first = await changes.merge({ from: b, to: a, by });
    const table: [() => Promise<unknown>, string][] = [
      [() => changes.merge({ from: a, to: a, by }), 'conflict'],
      [() => changes.merge({ from: b, to: c, by }), 'not-found'],
      [() => changes.merge({ from: c, to: b, by }), 'not-found'],
      [() => changes.merge({ from: c, to: 999, by }), 'not-found'],
      [() => changes.split({ from: a, identities: [a], by }), 'conflict'],
      [() => changes.split({ from: a, identities: [c], by }), 'conflict'],
      [() => changes.split({ from: a, identities: [], by }), 'conflict'],
      [() => changes.split({ from: b, identities: [b], by }), 'not-found'],
      [() => changes.undo({ change: 999, by }), 'not-found'],
      [() => changes.show(999), 'not-found'],
    ];
    for (const [what, expected] of table) expect(await code(what())).toBe(expected);
    const second = await changes.merge({ from: a, to: d, by });
    expect(await code(changes.undo({ change: first.id, by }))).toBe('conflict');
    await changes.undo({ change: second.id, by });
    await changes.undo({ change: first.id, by });
    expect(await changes.list({ limit: 10 })).toHaveLength(4);
  });
});

test('whatever is merged and split, patients are what a plain model says; all taken back, they are as they were', async () => {
  const { visit, changes, database, identityOf } = await makeStage();
  const ids: number[] = [];
  for (let i = 0; i < 6; i++) {
    ids.push(await identityOf((await visit('ana', person(`Name ${'abcdef'[i]}`, 'X', `19${i}0-01-01`))).relation));
  }
  const leads = async (column: 'merged_into' | 'told_into' = 'merged_into') => {
    const rows = await database.selectFrom('identity').select(['id', column]).orderBy('id').execute();
    return rows.map((row) => row[column] ?? row.id);
  };
  const step = fc.record({ split: fc.boolean(), tell: fc.boolean(), a: fc.nat({ max: 5 }), b: fc.nat({ max: 5 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      const model = [...ids];
      let known = [...ids];
      const made: number[] = [];
      const untold: number[] = [];
      const tellAll = async () => {
        for (const change of untold.splice(0)) await changes.told(change);
      };
      for (const { split, tell, a, b } of steps) {
        const [x, y] = [model[a]!, model[b]!];
        const away = ids.filter((id, i) => model[i] === x && id >= ids[b]! && id !== x);
        const change = split ? changes.split({ from: x, identities: away, by }) : changes.merge({ from: x, to: y, by });
        const fits = split ? away.length > 0 : x !== y;
        const done = await change.catch(() => undefined);
        expect(done !== undefined).toBe(fits);
        if (done === undefined) continue;
        made.push(done.id);
        untold.push(done.id);
        for (const [i, lead] of model.entries()) {
          if (split ? away.includes(ids[i]!) : lead === x) model[i] = split ? away[0]! : y;
        }
        if (tell) {
          await tellAll();
          known = [...model];
        }
        expect([await leads(), await leads('told_into')]).toEqual([model, known]);
      }
      for (const change of made.reverse()) untold.push((await changes.undo({ change, by })).id);
      await tellAll();
      expect([await leads(), await leads('told_into')]).toEqual([ids, ids]);
    }),
    { numRuns: 15 },
  );
});
