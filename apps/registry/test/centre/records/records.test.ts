import { base64url } from '@symbolon/crypto';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { describe, expect, test } from 'vitest';
import { recordKeeper } from '../../../src/centre/records/keeper.ts';
import { Archive, visitSchema } from './archive.ts';
import { dicomFile, plain } from './dicom-file.ts';

const code = (text: string) => expect.objectContaining({ code: text });

onBothDatabases(() => {
  test('own records are read always; others’ after consent, in its groups, within its window', async () => {
    const archive = await Archive.open();
    const { stage } = archive;
    const [first, second] = [await archive.physician('first'), await archive.physician('second')];
    await stage.visit('anna', first, 'enrol', archive.card('anna'));
    const general = await archive.add('anna', first);
    const secret = await archive.add('anna', first, { group: 'psychiatry' });
    expect(await archive.seen('anna', first)).toEqual([secret.record, general.record]);

    await stage.visit('anna', second, 'relate');
    expect(await archive.seen('anna', second)).toEqual([]);
    const own = await archive.add('anna', second);
    expect(await archive.seen('anna', second)).toEqual([own.record]);
    const relation = archive.relation('anna', second);
    await expect(archive.reader.read(second, relation, general.record)).rejects.toEqual(code('not-found'));

    await stage.visit('anna', second, 'reidentify', archive.card('anna'));
    expect(await archive.seen('anna', second)).toEqual([own.record, general.record]);
    expect(await archive.reader.read(second, relation, general.record)).toMatchObject({
      ...{ body: '{"score":50}', own: false, physician: 'first', institution: 'of first', version: 1, signed: false },
    });
    // What is withheld answers like what never was, to the letter.
    const failures = [];
    for (const name of [secret.record, base64url(stage.rng(16))]) {
      for (const ask of [
        () => archive.reader.read(second, relation, name),
        () => archive.reader.versions(second, relation, name),
        () => archive.reader.file(second, relation, name, 1),
        () => archive.reader.list(second, relation, { after: name, limit: 10 }),
      ]) {
        failures.push(await ask().catch((error: Error) => error));
      }
    }
    for (const failure of failures) expect(failure).toEqual(failures[0]);
    expect(failures[0]).toMatchObject({ code: 'not-found' });

    stage.hoursLater(25);
    expect(await archive.seen('anna', second)).toEqual([own.record]);
    expect(await archive.seen('anna', first)).toEqual([secret.record, general.record]);
  });

  test('pages say nothing of what lies between', async () => {
    const archive = await Archive.open();
    const { stage } = archive;
    const [first, second] = [await archive.physician('first'), await archive.physician('second')];
    await stage.visit('anna', first, 'enrol', archive.card('anna'));
    const open: string[] = [];
    for (let i = 0; i < 12; i++) {
      const { record } = await archive.add('anna', first, { score: i, group: i % 3 === 0 ? 'general' : 'psychiatry' });
      if (i % 3 === 0) open.unshift(record);
    }
    await stage.visit('anna', second, 'reidentify', archive.card('anna'));
    const relation = archive.relation('anna', second);
    const pages: string[][] = [];
    for (let after: string | null | undefined; after !== null; ) {
      const { items, next } = await archive.reader.list(second, relation, { after: after ?? undefined, limit: 2 });
      pages.push(items.map(({ record }) => record));
      after = next;
    }
    expect(pages).toEqual([open.slice(0, 2), open.slice(2)]);
    expect((await archive.reader.list(second, relation, { type: 'other', limit: 9 })).items).toEqual([]);
  });

  test('any number of windows: the widest of a group counts', async () => {
    const archive = await Archive.open();
    const { stage } = archive;
    const [first, second] = [await archive.physician('first'), await archive.physician('second')];
    await stage.visit('anna', first, 'enrol', archive.card('anna'));
    const old = await archive.add('anna', first);
    stage.hoursLater(1);
    const late = await archive.add('anna', first);
    await stage.visit('anna', second, 'reidentify', archive.card('anna'));
    const { database } = stage.context;
    const { id: _, ...grant } = await database
      .selectFrom('centre_grant')
      .selectAll()
      .where('physician', '=', 'second')
      .executeTakeFirstOrThrow();
    const between = new Date(stage.clock.now - 1_800_000).toISOString();
    const until = (moment: string | null) => JSON.stringify([['general', moment]]);
    await database
      .updateTable('centre_grant')
      .set({ groups: until(between) })
      .where('physician', '=', 'second')
      .execute();
    const rows = Array.from({ length: 40 }, () => ({ ...grant, groups: until(between) }));
    for (let i = 0; i < 30; i++) await database.insertInto('centre_grant').values(rows).execute();
    expect(await archive.seen('anna', second)).toEqual([old.record]);
    await expect(archive.reader.read(second, archive.relation('anna', second), late.record)).rejects.toEqual(
      code('not-found'),
    );
    await database
      .insertInto('centre_grant')
      .values({ ...grant, groups: until(null) })
      .execute();
    expect(await archive.seen('anna', second)).toEqual([late.record, old.record]);
  });

  test('versions: nothing is overwritten, the author alone changes, each follows the newest', async () => {
    const archive = await Archive.open();
    const { stage, writer, reader } = archive;
    const [first, second] = [await archive.physician('first'), await archive.physician('second')];
    await stage.visit('anna', first, 'enrol', archive.card('anna'));
    await stage.visit('anna', second, 'reidentify', archive.card('anna'));
    const { record } = await archive.add('anna', first, { score: 1 });
    const [relation, other] = [archive.relation('anna', first), archive.relation('anna', second)];
    const change = { version: 2, typeVersion: 1, body: '{"score":2}', signature: null };
    expect(await writer.addVersion(first, relation, record, change)).toMatchObject({ record, version: 2 });
    // An answer that was lost; a version by somebody who had not seen this one; another's record.
    expect(await writer.addVersion(first, relation, record, change)).toMatchObject({ record, version: 2 });
    await expect(writer.addVersion(first, relation, record, { ...change, body: '{"score":3}' })).rejects.toEqual(
      code('conflict'),
    );
    await expect(writer.addVersion(first, relation, record, { ...change, version: 4 })).rejects.toEqual(
      code('conflict'),
    );
    await expect(writer.addVersion(second, other, record, { ...change, version: 3 })).rejects.toEqual(
      code('forbidden'),
    );
    expect((await reader.versions(second, other, record)).items.map(({ version }) => version)).toEqual([1, 2]);
    const bodies = await Promise.all([undefined, 1, 2].map((version) => reader.read(second, other, record, version)));
    expect(bodies.map(({ body }) => body)).toEqual(['{"score":2}', '{"score":1}', '{"score":2}']);
    await expect(reader.read(second, other, record, 3)).rejects.toEqual(code('not-found'));
  });

  test('a version of a type: the newest counts for what is new, records keep theirs', async () => {
    const archive = await Archive.open();
    const first = await archive.physician('first');
    await archive.stage.visit('anna', first, 'enrol', archive.card('anna'));
    const { record } = await archive.add('anna', first);
    const next = { ...visitSchema, properties: { ...visitSchema.properties, pain: { type: 'boolean' } } };
    expect(await archive.addType('hips', 'visit', next)).toMatchObject({ version: 2 });
    await expect(archive.add('anna', first)).rejects.toEqual(code('conflict'));
    expect((await archive.reader.read(first, archive.relation('anna', first), record)).typeVersion).toBe(1);
    expect((await archive.types.get('hips', 'visit', 1)).text).toBe(JSON.stringify(visitSchema));
    await expect(archive.types.get('knees', 'visit', 2)).rejects.toEqual(code('not-found'));
  });

  test('signatures of the card that is logged in, over this record and no other', async () => {
    const archive = await Archive.open();
    const { writer, reader } = archive;
    const first = await archive.physician('first');
    await archive.stage.visit('anna', first, 'enrol', archive.card('anna'));
    await archive.stage.visit('bert', first, 'enrol', archive.card('bert'));
    const [annas, berts] = [archive.relation('anna', first), archive.relation('bert', first)];
    const record = base64url(archive.stage.rng(16));
    const said = { record, type: 'visit', typeVersion: 1, group: 'general', body: '{"score":7}' };
    const signature = await archive.signed('anna', first, { ...said, version: 1 });
    const refused = code('bad-signature');
    await expect(writer.add(first, berts, { ...said, signature })).rejects.toEqual(refused);
    await expect(writer.add(first, annas, { ...said, group: 'psychiatry', signature })).rejects.toEqual(refused);
    await expect(writer.add(first, annas, { ...said, body: '{"score":8}', signature })).rejects.toEqual(refused);
    await expect(
      writer.add(first, annas, { ...said, record: base64url(archive.stage.rng(16)), signature }),
    ).rejects.toEqual(refused);
    await writer.add(first, annas, { ...said, signature });
    expect(await reader.read(first, annas, record)).toMatchObject({
      signed: true,
      signature,
      certificate: first.certificate,
    });
  });

  test('modules are apart: names, relations and types of one mean nothing in another', async () => {
    const archive = await Archive.open();
    const { stage, reader, writer } = archive;
    const first = await archive.physician('first');
    await stage.visit('anna', first, 'enrol', archive.card('anna'));
    const { record } = await archive.add('anna', first);
    // The same person as a physician of another module, by the same ids.
    const crossing = { ...first, module: 'knees' };
    const relation = archive.relation('anna', first);
    await expect(reader.list(crossing, relation, { limit: 9 })).rejects.toEqual(code('not-found'));
    await expect(reader.read(crossing, relation, record)).rejects.toEqual(code('not-found'));
    await expect(archive.add('anna', crossing as never)).rejects.toEqual(code('not-found'));
    // Even where relation and patient had the same numbers.
    await stage.context.database
      .insertInto('centre_relation')
      .values({
        ...{ module: 'knees', id: relation, patient: 1, physician: 'first', institution: 'x', writes: 1, draft: 0 },
        added_at: '2024-01-01T00:00:00.000Z',
      })
      .execute();
    expect((await reader.list(crossing, relation, { limit: 9 })).items).toEqual([]);
    await expect(reader.read(crossing, relation, record)).rejects.toEqual(code('not-found'));
    await expect(
      writer.addVersion(crossing, relation, record, {
        version: 2,
        typeVersion: 1,
        body: '{"score":1}',
        signature: null,
      }),
    ).rejects.toEqual(code('not-found'));
    await archive.addType('hips', 'only_here', visitSchema);
    await expect(archive.add('anna', crossing as never, { type: 'only_here' })).rejects.toEqual(code('not-found'));
  });

  test("patients are apart, and so are physicians' relations", async () => {
    const archive = await Archive.open();
    const { stage, reader } = archive;
    const [first, thief] = [await archive.physician('first'), await archive.physician('thief')];
    await stage.visit('anna', first, 'enrol', archive.card('anna'));
    await stage.visit('bert', first, 'enrol', archive.card('bert'));
    const { record } = await archive.add('anna', first);
    await expect(reader.read(first, archive.relation('bert', first), record)).rejects.toEqual(code('not-found'));
    await expect(reader.read(thief, archive.relation('anna', first), record)).rejects.toEqual(code('not-found'));
    await stage.visit('bert', thief, 'reidentify', archive.card('bert'));
    await expect(reader.read(thief, archive.relation('bert', thief), record)).rejects.toEqual(code('not-found'));
  });

  test('break-glass reads and adds nothing', async () => {
    const archive = await Archive.open();
    const [first, emergency] = [await archive.physician('first'), await archive.physician('emergency')];
    await archive.stage.visit('anna', first, 'enrol', archive.card('anna'));
    const { record } = await archive.add('anna', first);
    await archive.stage.visit('anna', emergency, 'break-glass', undefined, { said: { purpose: 'unconscious' } });
    expect(await archive.seen('anna', emergency)).toEqual([record]);
    await expect(archive.add('anna', emergency)).rejects.toEqual(code('forbidden'));
    const row = await archive.stage.context.database.selectFrom('record_access').selectAll().executeTakeFirst();
    expect(row).toMatchObject({ by: 'emergency', what: 'listed', basis: 'break-glass', purpose: 'unconscious' });
  });

  test('what a laboratory adds without the card is its own, and others’ after consent', async () => {
    const archive = await Archive.open();
    const [first, laboratory] = [await archive.physician('first'), await archive.physician('laboratory')];
    await archive.stage.visit('anna', laboratory, 'relate');
    const { record, draft } = await archive.add('anna', laboratory);
    expect(draft).toBe(false);
    await archive.stage.visit('anna', first, 'enrol', archive.card('anna'));
    expect(await archive.seen('anna', first)).toEqual([]);
    const [other] = [await archive.physician('other')];
    await archive.stage.visit('anna', other, 'reidentify', archive.card('anna'));
    expect(await archive.seen('anna', other)).toEqual([record]);
  });

  test('a lost race: a draft is seen by its author alone until the card was there', async () => {
    const archive = await Archive.open();
    const { stage } = archive;
    const [first, loser, third] = [
      await archive.physician('first'),
      await archive.physician('loser'),
      await archive.physician('third'),
    ];
    const late = await stage.answered('anna', loser, 'enrol', archive.card('anna'));
    await stage.visit('anna', first, 'enrol', archive.card('anna'));
    expect(await stage.finish(loser, late)).toMatchObject({ state: 'draft' });
    const { record, draft } = await archive.add('anna', loser);
    expect(draft).toBe(true);
    await stage.visit('anna', third, 'reidentify', archive.card('anna'));
    expect([await archive.seen('anna', loser), await archive.seen('anna', third)]).toEqual([[record], []]);
    await stage.visit('anna', loser, 'reidentify', archive.card('anna'));
    expect(await archive.seen('anna', third)).toEqual([record]);
  });

  test('an image is kept with its record, once; whoever may not read that has none', async () => {
    const archive = await Archive.open();
    const { writer, reader, stage } = archive;
    const [first, second] = [await archive.physician('first'), await archive.physician('second')];
    await stage.visit('anna', first, 'enrol', archive.card('anna'));
    await stage.visit('anna', second, 'reidentify', archive.card('anna'));
    const { record } = await archive.add('anna', first);
    const [relation, other] = [archive.relation('anna', first), archive.relation('anna', second)];
    const file = dicomFile(plain);
    expect(await writer.attach(first, relation, record, file)).toEqual({ file: 1 });
    expect(await writer.attach(first, relation, record, file)).toEqual({ file: 1 });
    await expect(writer.attach(second, other, record, dicomFile(plain.slice(0, -1)))).rejects.toEqual(
      code('forbidden'),
    );
    await expect(writer.attach(first, relation, record, dicomFile([['0010,0010', 'PN', 'Anna']]))).rejects.toEqual(
      code('record-identifies'),
    );
    expect(await reader.file(second, other, record, 1)).toEqual(file);
    expect((await reader.list(second, other, { limit: 9 })).items[0]).toMatchObject({ files: 1 });
    await expect(reader.file(second, other, record, 2)).rejects.toEqual(code('not-found'));
  });

  test('every access is in the log and with the patient, and no entry has anything of a record', async () => {
    const archive = await Archive.open();
    const { stage, reader } = archive;
    const [first, second] = [await archive.physician('first'), await archive.physician('second')];
    await stage.visit('anna', first, 'enrol', archive.card('anna'));
    const { record } = await archive.add('anna', first, { body: { score: 77, note: 'xyzzy' } });
    const { relation } = await stage.visit('anna', second, 'reidentify', archive.card('anna'), {
      said: { purpose: 'a cough' },
    });
    const before = stage.context.log.size;
    await reader.read(second, relation, record);
    await archive.seen('anna', first);
    const rows = await stage.context.database.selectFrom('record_access').selectAll().orderBy('id').execute();
    expect(rows).toMatchObject([
      {
        by: 'second',
        institution: 'of second',
        what: 'read',
        record,
        basis: 'consent',
        purpose: 'a cough',
        module: 'hips',
      },
      { by: 'first', what: 'listed', record: null, basis: 'own', session: null },
    ]);
    expect(rows[0]!.session).not.toBeNull();
    const entries = await stage.context.log.store.entries(before, stage.context.log.size);
    expect(entries.map(({ event }) => JSON.parse(Buffer.from(event!).toString()).kind)).toEqual([
      'record-read',
      'record-listed',
    ]);
    const all = await stage.context.log.store.entries(0, stage.context.log.size);
    const text = all.map(({ event }) => Buffer.from(event!).toString()).join('\n');
    expect(text).not.toMatch(/xyzzy|score|a cough/);
    expect(text).toContain(record);
  });

  test('whoever withdraws is sure: a read that began before ends with nothing', async () => {
    const archive = await Archive.open();
    const { stage, reader } = archive;
    const [first, second] = [await archive.physician('first'), await archive.physician('second')];
    await stage.visit('anna', first, 'enrol', archive.card('anna'));
    const { record } = await archive.add('anna', first);
    await stage.visit('anna', second, 'reidentify', archive.card('anna'));
    const withdrawn = stage.visit('anna', first, 'withdraw');
    const read = reader.read(second, archive.relation('anna', second), record).catch((error: Error) => error);
    await withdrawn;
    const { length } = await stage.context.database.selectFrom('record_access').selectAll().execute();
    const outcome = await read;
    expect(outcome instanceof Error ? 0 : 1).toBe(length);
    await expect(reader.read(second, archive.relation('anna', second), record)).rejects.toEqual(code('not-found'));
  });

  test('erasing leaves nothing of a patient, and all of others', async () => {
    const archive = await Archive.open();
    const { stage } = archive;
    const first = await archive.physician('first');
    for (const patient of ['anna', 'bert']) {
      await stage.visit(patient, first, 'enrol', archive.card(patient));
      const { record } = await archive.add(patient, first);
      await archive.writer.attach(first, archive.relation(patient, first), record, dicomFile(plain));
      await archive.seen(patient, first);
    }
    const { database } = stage.context;
    const tables = ['record', 'record_version', 'record_file', 'record_access'] as const;
    const counts = () =>
      Promise.all(tables.map(async (table) => (await database.selectFrom(table).selectAll().execute()).length));
    expect(await counts()).toEqual([2, 2, 2, 2]);
    const { patient } = await stage.grants.relation(first, archive.relation('anna', first));
    await database.transaction().execute((within) => recordKeeper.erase(patient, within));
    expect(await counts()).toEqual([1, 1, 1, 1]);
    expect(await archive.seen('bert', first)).toHaveLength(1);
  });
});

describe('what is refused', () => {
  const cases: Record<string, [object, string]> = {
    'another group': [{ group: 'oncology' }, 'request-invalid'],
    'another type': [{ type: 'letter' }, 'not-found'],
    'another version of the type': [{ typeVersion: 2 }, 'conflict'],
    'no JSON': [{ body: '{score:1}' }, 'request-invalid'],
    'a key twice': [{ body: '{"score":1,"score":2}' }, 'request-invalid'],
    'a prototype': [{ body: '{"score":1,"__proto__":{"admin":true}}' }, 'request-invalid'],
    'a property that is not the type’s': [{ body: '{"score":1,"physician":"second"}' }, 'record-invalid'],
    'an address in free text': [{ body: '{"score":1,"note":"anna@example.org"}' }, 'record-identifies'],
    'an identifier of the module': [{ body: '{"score":1,"note":"is 123-45-6789"}' }, 'record-identifies'],
    'a signature of nothing': [{ signature: base64url(new Uint8Array(64)) }, 'bad-signature'],
  };
  test(Object.keys(cases).join(', '), async () => {
    const archive = await Archive.open({ policy: { records: { identifierMasks: ['999-99-9999'] } } });
    const first = await archive.physician('first');
    await archive.stage.visit('anna', first, 'enrol', archive.card('anna'));
    const record = base64url(archive.stage.rng(16));
    const wanted = { record, type: 'visit', typeVersion: 1, group: 'general', body: '{"score":1}', signature: null };
    const relation = archive.relation('anna', first);
    for (const [name, [change, expected]] of Object.entries(cases)) {
      const added = archive.writer.add(first, relation, { ...wanted, ...change });
      await expect(added, name).rejects.toEqual(code(expected));
    }
    expect(await archive.seen('anna', first)).toEqual([]);
    await archive.writer.add(first, relation, wanted);
  });

  test('a name that is taken, by whomever', async () => {
    const archive = await Archive.open();
    const [first, second] = [await archive.physician('first'), await archive.physician('second')];
    await archive.stage.visit('anna', first, 'enrol', archive.card('anna'));
    await archive.stage.visit('bert', second, 'enrol', archive.card('bert'));
    const { record } = await archive.add('anna', first, { score: 5 });
    const wanted = { record, type: 'visit', typeVersion: 1, group: 'general', body: '{"score":5}', signature: null };
    await expect(archive.writer.add(second, archive.relation('bert', second), wanted)).rejects.toEqual(
      code('conflict'),
    );
    expect(await archive.writer.add(first, archive.relation('anna', first), wanted)).toMatchObject({
      record,
      version: 1,
    });
  });
});
