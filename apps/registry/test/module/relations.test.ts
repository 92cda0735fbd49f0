import { hex } from '@symbolon/crypto';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { expect, test } from 'vitest';
import { makeStage, person } from './stage.ts';

onBothDatabases(() => {
  test('one internal id for each pair of physician and patient, however the person is spelt', async () => {
    const { relations, visit } = await makeStage();
    const anna = await visit('ana', person('Müller-Lüdenscheid', 'Änne'));
    expect(anna.relation).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect((await relations.of('ana', person('MULLER LUDENSCHEID ', 'anne'))).relation).toBe(anna.relation);
    const other = await visit('ben', person('Muller Ludenscheid', 'Anne'));
    expect(other.relation).not.toBe(anna.relation);
    expect(hex(other.pseudonym)).toBe(hex(anna.pseudonym));
    // What another physician has typed of the same patient stays with that one.
    const typed = { relation: other.relation, person: person('Muller Ludenscheid', 'Anne') };
    expect(await relations.show('ben', other.relation)).toEqual(typed);
    expect(await relations.list('ben', { limit: 10 })).toEqual([typed]);
    expect((await relations.list('ana', { limit: 10 })).map(({ relation }) => relation)).toEqual([anna.relation]);
    const both = await Promise.all([1, 2].map(() => relations.of('cleo', person('Muller Ludenscheid', 'Anne'))));
    expect(both[0]!.relation).toBe(both[1]!.relation);
  });

  test('another physician has nothing of a relation, whether there is one or not', async () => {
    const { relations, visit } = await makeStage();
    const { relation } = await visit('ana', person('Meyer', 'Ida'));
    for (const id of [relation, 'A'.repeat(22)]) {
      await expect(relations.use('ben', [id])).rejects.toMatchObject({
        code: 'not-found',
        message: 'you have no such relation',
      });
      await expect(relations.show('ben', id)).rejects.toMatchObject({ code: 'not-found' });
    }
  });

  test('a name typed in does not tell who is registered: the same is asked and answered', async () => {
    const { relations, visit, asked, settler, database } = await makeStage();
    await visit('ana', person('Meyer', 'Ida'));
    await visit('ben', person('Someone', 'Else', '1980-01-01'));
    const answers: unknown[] = [];
    const ask = (whom: ReturnType<typeof person>) =>
      asked(async () => {
        const { relation, suggestions } = await relations.of('ben', whom);
        await relations.use('ben', [relation]);
        // What comes after the answer is seen too, by whoever asks again meanwhile.
        await settler.idle();
        answers.push(suggestions);
      });
    const known = await ask(person('Meyer', 'Ida'));
    const unknown = await ask(person('Nobody', 'Ever', '1931-07-07'));
    expect(unknown).toEqual(known);
    expect(known.length).toBeGreaterThan(12);
    expect(answers).toEqual([[], []]);
    // Where it is allowed to differ, this shows it: an own patient, whose card was there.
    await relations.shown((await relations.of('ben', person('Meyer', 'Ida'))).relation, database);
    expect(await ask(person('Meyer', 'Ida'))).not.toEqual(known);
  });

  test('own patients who are alike are suggested, nobody else', async () => {
    const { relations, visit, settler } = await makeStage();
    const own = await visit('ana', person('Schneider', 'Johanna'));
    await visit('ben', person('Schneyder', 'Johanna'));
    const { relation, suggestions } = await relations.of('ana', person('Schnieder', 'Johanna'));
    expect(suggestions).toEqual([{ relation: own.relation, person: person('Schneider', 'Johanna') }]);
    expect(relation).not.toBe(own.relation);
    expect((await relations.of('cleo', person('Schnieder', 'Johanna'))).suggestions).toEqual([]);
    await settler.idle();
  });

  test('what others have typed of an own patient finds nobody and is not shown', async () => {
    const { relations, visit } = await makeStage();
    await visit('ben', { ...person('Schneider', 'Johanna'), insurance: 'B7654321' });
    const own = await visit('ana', person('SCHNEIDER', 'Johanna'));
    const sought = { ...person('Lind', 'Johanna'), insurance: 'B7654321' };
    expect((await relations.of('ana', sought)).suggestions).toEqual([]);
    // Ben, who typed it, finds the patient by it.
    expect((await relations.of('ben', sought)).suggestions).toHaveLength(1);
    const { suggestions } = await relations.of('ana', person('Schnyder', 'Johanna'));
    expect(suggestions).toEqual([{ relation: own.relation, person: person('SCHNEIDER', 'Johanna') }]);
  });

  test('a batch gives what one after the other gives', async () => {
    const { relations, settler } = await makeStage();
    const people = Array.from({ length: 250 }, (_, i) => person(`Name${i % 200}`, 'Lab', '1960-05-05'));
    const ids = await relations.ofMany('lab', people);
    expect(new Set(ids).size).toBe(200);
    expect(ids[201]).toBe(ids[1]);
    expect((await relations.of('lab', people[7]!)).relation).toBe(ids[7]);
    expect(await relations.ofMany('lab', people)).toEqual(ids);
    const used = await relations.use('lab', ids.slice(0, 20));
    const single = await relations.use('lab', [ids[3]!]);
    expect(hex(used[3]!.pseudonym)).toBe(hex(single[0]!.pseudonym));
    await settler.idle();
    expect(await relations.list('lab', { limit: 100 })).toHaveLength(20);
    await expect(relations.ofMany('lab', [people[0]!, person('x', '')])).rejects.toMatchObject({
      code: 'consent-identity',
      culprit: 'persons.1.firstName',
    });
  });

  test('a batch knows own patients by other spellings too', async () => {
    const { relations, visit, changes, identityOf, database } = await makeStage();
    const [own, other] = [await visit('lab', person('Meyer', 'Ida')), await visit('ana', person('Mayer', 'Ida'))];
    const [to, from] = [await identityOf(own.relation), await identityOf(other.relation)];
    await changes.told((await changes.merge({ from, to, by: 'ada' })).id);
    const both = [person('Mayer', 'Ida'), person('Meyer', 'Ida'), person('New', 'Ida')];
    const [apart] = await relations.ofMany('lab', both);
    expect(apart).not.toBe(own.relation);
    await relations.shown(own.relation, database);
    const ids = await relations.ofMany('lab', both);
    expect(ids.slice(0, 2)).toEqual([own.relation, own.relation]);
    for (const [i, one] of both.entries()) expect((await relations.of('lab', one)).relation).toBe(ids[i]);
  });

  test('what was only typed leaves nothing', async () => {
    const { relations, visit, database } = await makeStage();
    const { relation } = await visit('ana', person('Used', 'Ida'));
    await relations.of('ana', person('Mistyped', 'Ida'));
    await relations.forget(new Date('2030-01-01'));
    expect(await database.selectFrom('relation').select('id').execute()).toEqual([{ id: relation }]);
    expect(await database.selectFrom('identity').select('id').execute()).toHaveLength(1);
  });

  test('what is missing or malformed is named, not quoted', async () => {
    const { relations } = await makeStage();
    const bad = [
      [{ ...person('Secretname', 'y'), birthDate: '1950-02-30' }, 'birthDate'],
      [person('Secretname', ' '), 'firstName'],
      [{ ...person('Secretname', 'y'), shoeSize: '44' }, 'shoeSize'],
      [{ ...person('Secretname', 'y'), insurance: '---' }, 'insurance'],
      [{ lastName: 'Secretname' }, 'firstName'],
    ] as const;
    for (const [whom, culprit] of bad) {
      const error = await relations.of('ana', whom).catch((thrown: Error) => thrown);
      expect(error).toMatchObject({ code: 'consent-identity', culprit });
      expect(String(error)).not.toContain('Secretname');
    }
  });

  test('a relation that was used has its identity after a crash too', async () => {
    const { relations, context, identityOf } = await makeStage();
    const { relation } = await relations.of('ana', person('Crash', 'Ida'));
    await context.database.updateTable('relation').set({ state: 'used' }).where('id', '=', relation).execute();
    const { openIdentities } = await import('../../src/module/identities/open.ts');
    const next = openIdentities(context);
    await next.settler.idle();
    expect(await identityOf(relation)).toBeGreaterThan(0);
  });
});
