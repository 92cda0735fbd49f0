import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cardSigned } from '@symbolon/consent';
import { fromBase64 } from '@symbolon/crypto';
import { openDuckDb } from '@symbolon/service';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { expect, test } from 'vitest';
import { Exports } from '../../../src/centre/export/exports.ts';
import { viewOf } from '../../../src/centre/records/patient/view.ts';
import { Archive } from '../records/archive.ts';

const none = async () => undefined;
const observation = {
  ...{ type: 'object', additionalProperties: false, 'x-fhir': 'Observation', required: ['resourceType'] },
  properties: { resourceType: { type: 'string', const: 'Observation' }, status: { type: 'string', enum: ['final'] } },
};

/** Two patients with records of two types, one signed, one read; a third who objected. */
async function scene() {
  const archive = await Archive.open();
  const { stage } = archive;
  await archive.addType('hips', 'lab', observation);
  const [first, second] = [await archive.physician('first'), await archive.physician('second')];
  for (const patient of ['anna', 'bert', 'carl']) await stage.visit(patient, first, 'enrol', archive.card(patient));
  const plain = await archive.add('anna', first, { score: 42, group: 'psychiatry' });
  await archive.add('bert', first, { type: 'lab', body: { resourceType: 'Observation', status: 'final' } });
  const hidden = await archive.add('carl', first, { score: 13 });
  await stage.visit('carl', first, 'object');
  const said = {
    record: 'AAAAAAAAAAAAAAAAAAAAAA',
    type: 'visit',
    typeVersion: 1,
    group: 'general',
    body: '{\n"score" : 7}',
  };
  const signature = await archive.signed('anna', first, { ...said, version: 1 });
  await archive.writer.add(first, archive.relation('anna', first), { ...said, signature });
  await stage.visit('anna', second, 'reidentify', archive.card('anna'));
  await archive.reader.read(second, archive.relation('anna', second), said.record);
  const exports = new Exports(stage.context, archive.types);
  const folder = (id: string) => join(stage.context.home.path, 'exports', id);
  const make = async (format: 'fhir-ndjson' | 'fhir-bundle' | 'ndjson' | 'parquet', module = 'hips') => {
    const info = await exports.make({ module, purpose: 'a reason that is told', format }, 'officer', none);
    const lines = (name: string) =>
      readFileSync(join(folder(info.id), name), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
    return { info, lines, all: info.files.map(({ name }) => readFileSync(join(folder(info.id), name))) };
  };
  const names = ['anna', 'bert', 'carl'].flatMap((patient) => [
    stage.pseudonym(patient),
    archive.relation(patient, first),
    archive.relation(patient, second),
  ]);
  return {
    archive,
    stage,
    first,
    second,
    exports,
    folder,
    make,
    plain,
    hidden,
    internal: [...names, plain.record, said.record, hidden.record],
  };
}

onBothDatabases(() => {
  test('as FHIR: records, who wrote and signed them, consents, who read what; with ids of this export alone', async () => {
    const { first, make, internal } = await scene();
    const { info, lines, all } = await make('fhir-ndjson');
    expect(info).toMatchObject({
      records: 3,
      by: 'officer',
      files: [
        { name: 'AuditEvent.ndjson' },
        { name: 'Basic.ndjson' },
        { name: 'Consent.ndjson' },
        { name: 'Observation.ndjson' },
        { name: 'Provenance.ndjson' },
      ],
    });
    const [basics, observations, provenances, consents, events] = [
      'Basic',
      'Observation',
      'Provenance',
      'Consent',
      'AuditEvent',
    ].map((type) => lines(`${type}.ndjson`));
    const [[lab], [consent]] = [observations!, consents!];
    expect(basics!.map(({ extension }) => extension[0].valueString)).toEqual(['{"score":42}', '{\n"score" : 7}']);
    expect(lab).toMatchObject({
      status: 'final',
      subject: { reference: expect.stringMatching(/^Patient\/[0-9a-f]{32}$/) },
    });
    expect(new Set([...basics!.map(({ subject }) => subject.reference), lab.subject.reference]).size).toBe(2);
    expect(consent).toMatchObject({
      status: 'active',
      patient: basics![0].subject,
      provision: { securityLabel: [{ code: 'general' }] },
    });
    expect(provenances!.map(({ target }) => target[0].reference)).toEqual([
      ...basics!.map(({ id }) => `Basic/${id}`).toSpliced(1, 0, `Observation/${lab.id}`),
    ]);
    const [signature] = provenances![2].signature;
    expect(
      cardSigned(first.card.signing, fromBase64(signature.extension[0].valueBase64Binary), fromBase64(signature.data)),
    ).toBe(true);
    expect(provenances!.slice(0, 2).map((each) => each.signature)).toEqual([undefined, undefined]);
    expect(events).toMatchObject([
      {
        subtype: [{ code: 'read' }],
        agent: [{ who: consent.provision.actor[0].reference, requestor: true }],
        entity: [{ what: basics![1].subject }, { what: { identifier: { value: basics![1].id } } }],
      },
    ]);
    const text = Buffer.concat(all).toString();
    for (const secret of internal) expect(text).not.toContain(secret);
    // Another export names nobody in the same way.
    const again = await make('fhir-ndjson');
    expect(again.lines('Basic.ndjson')[0].subject).not.toEqual(basics![0].subject);
    // Its audit events have the export before, of each record.
    expect(again.lines('AuditEvent.ndjson').filter(({ type }) => type.code === '110106')).toHaveLength(3);
  });

  test('as a bundle, lines and Parquet: the same records, none of who objected', async () => {
    const { make, folder } = await scene();
    const bundle = JSON.parse((await make('fhir-bundle')).all[0]!.toString());
    const types = bundle.entry.map(({ resource }: { resource: { resourceType: string } }) => resource.resourceType);
    expect(types).toEqual([
      'Basic',
      'Provenance',
      'Observation',
      'Provenance',
      'Basic',
      'Provenance',
      'Consent',
      'AuditEvent',
    ]);
    const { lines } = await make('ndjson');
    expect(lines('visit.ndjson')).toMatchObject([
      { version: 1, type_version: 1, group: 'psychiatry', institution: 'of first', body: { score: 42 } },
      { group: 'general', body: { score: 7 } },
    ]);
    expect(lines('lab.ndjson')).toHaveLength(1);
    const { info } = await make('parquet');
    expect(info.files.map(({ name }) => name)).toEqual(['lab.parquet', 'visit.parquet']);
    const duckDb = await openDuckDb({ threads: 1 });
    try {
      const rows = await duckDb.query(
        `SELECT score, side, "group", body FROM '${join(folder(info.id), 'visit.parquet')}' ORDER BY score`,
      );
      expect(rows).toEqual([
        { score: expect.anything(), side: null, group: 'general', body: expect.stringContaining('7') },
        { score: expect.anything(), side: null, group: 'psychiatry', body: '{"score":42}' },
      ]);
      const [{ sum }] = (await duckDb.query(
        `SELECT CAST(SUM(score) AS INTEGER) AS sum FROM '${join(folder(info.id), 'visit.parquet')}'`,
      )) as [{ sum: number }];
      expect(sum).toBe(49);
    } finally {
      duckDb.close();
    }
  });

  test('each patient is told; the log has purpose and number; other modules have nothing of it', async () => {
    const { archive, stage, first, make, plain } = await scene();
    const before = stage.context.log.size;
    await make('ndjson');
    const relation = await stage.grants.relation(first, archive.relation('anna', first));
    const told = (await viewOf(stage.context.database, relation)).accesses.filter(({ what }) => what === 'exported');
    expect(told).toHaveLength(2);
    expect(told).toContainEqual(
      expect.objectContaining({
        by: 'administration',
        record: plain.record,
        purpose: 'a reason that is told',
        basis: 'administration',
      }),
    );
    const carl = await stage.grants.relation(first, archive.relation('carl', first));
    expect((await viewOf(stage.context.database, carl)).accesses).toEqual([]);
    const [entry] = await stage.context.log.store.entries(before, before + 1);
    expect(JSON.parse(Buffer.from(entry!.event!).toString())).toMatchObject({
      kind: 'records-exported',
      purpose: 'a reason that is told',
      records: 3,
      by: 'officer',
    });
    expect((await make('ndjson', 'knees')).info).toMatchObject({ records: 0, files: [] });
    await expect(make('ndjson', 'elbows')).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('files are read in pieces by name, nothing else is; deleted, they are gone', async () => {
    const { archive, exports, make, folder, stage } = await scene();
    const { info, all } = await make('ndjson');
    expect(statSync(folder(info.id)).mode & 0o077).toBe(0);
    const [lab] = info.files;
    const pieces: Uint8Array[] = [];
    for (let from = 0; ; from += 100) {
      const piece = await exports.read(info.id, lab!.name, from, 100);
      if (piece.length === 0) break;
      pieces.push(piece);
    }
    expect(Buffer.concat(pieces)).toEqual(all[0]);
    for (const name of ['../symbolon.json', 'none.ndjson', '..', '']) {
      await expect(exports.read(info.id, name, 0, 9)).rejects.toMatchObject({ code: 'not-found' });
    }
    // Nothing goes without its entry in the log.
    const append = () => Promise.reject(new Error('the disk is full'));
    const full = new Exports({ ...stage.context, log: { ...stage.context.log, append } }, archive.types);
    await expect(full.delete(info.id, 'officer')).rejects.toThrow('the disk is full');
    expect(existsSync(folder(info.id))).toBe(true);
    await exports.delete(info.id, 'officer');
    await exports.delete(info.id, 'officer');
    expect(existsSync(folder(info.id))).toBe(false);
    expect((await exports.list({ limit: 9 })).items).toMatchObject([{ id: info.id, records: 3, files: [] }]);
    await expect(exports.read(info.id, lab!.name, 0, 9)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('one that fails leaves no files and tells nobody', async () => {
    const { exports, stage } = await scene();
    const failing = exports.make({ module: 'hips', purpose: 'a reason', format: 'ndjson' }, 'officer', async () => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(readdirSync(join(stage.context.home.path, 'exports'))).toEqual([]);
    expect((await exports.list({ limit: 9 })).items).toEqual([]);
    const rows = await stage.context.database
      .selectFrom('record_access')
      .selectAll()
      .where('what', '=', 'exported')
      .execute();
    expect(rows).toEqual([]);
  });

  test('after a crash: what nobody was told of is gone, what patients were told of is there', async () => {
    const { exports, folder, make } = await scene();
    const { info } = await make('ndjson');
    renameSync(folder(info.id), folder(`${info.id}.part`));
    const unlogged = folder('AAAAAAAAAAAAAAAAAAAAAA.part');
    mkdirSync(unlogged);
    writeFileSync(join(unlogged, 'visit.ndjson'), 'x');
    await exports.recover();
    expect(await exports.get(info.id)).toEqual(info);
    expect(readdirSync(folder(''))).toEqual([info.id]);
  });
});
