import { openParcel, parcelKey, patientExport, patientView } from '@symbolon/consent';
import { fromUtf8 } from '@symbolon/crypto';
import { onBothDatabases } from '@symbolon/testkit/databases';
import { expect, test } from 'vitest';
import { PatientRights } from '../../../src/centre/records/patient/patients.ts';
import { Archive } from './archive.ts';
import { dicomFile, plain } from './dicom-file.ts';

async function scene() {
  const archive = await Archive.open();
  const { stage } = archive;
  const [first, second, third] = await Promise.all(['first', 'second', 'third'].map((name) => archive.physician(name)));
  await stage.visit('anna', first!, 'enrol', archive.card('anna'));
  const open = await archive.add('anna', first!, { score: 1 });
  const secret = await archive.add('anna', first!, { score: 2, group: 'psychiatry' });
  await stage.visit('anna', second!, 'reidentify', archive.card('anna'), { said: { purpose: 'a knee' } });
  await archive.reader.read(second!, archive.relation('anna', second!), open.record);
  return {
    archive,
    stage,
    first: first!,
    second: second!,
    third: third!,
    open,
    secret,
    patients: new PatientRights(stage.context, stage.grants),
  };
}

onBothDatabases(() => {
  test('with the card a patient sees all records, and who read what, when, why and by which consent', async () => {
    const { archive, stage, second, third, open, secret, patients } = await scene();
    await stage.visit('anna', third, 'break-glass', undefined, {
      said: { purpose: 'unconscious', groups: ['general'] },
    });
    await archive.reader.read(third, archive.relation('anna', third), open.record);
    const relation = archive.relation('anna', third);
    await expect(patients.view(third, relation)).rejects.toMatchObject({ code: 'forbidden' });
    await stage.visit('anna', third, 'view', archive.card('anna'));
    const view = patientView.parse(await patients.view(third, relation));
    expect(view.records).toMatchObject([
      { record: open.record, group: 'general', physician: 'first', versions: 1 },
      { record: secret.record, group: 'psychiatry' },
    ]);
    expect(view.accesses).toMatchObject([
      { by: 'third', what: 'read', record: open.record, basis: 'break-glass', purpose: 'unconscious' },
      {
        by: 'second',
        institution: 'of second',
        what: 'read',
        record: open.record,
        basis: 'consent',
        purpose: 'a knee',
      },
    ]);
    const consents = new Map(view.consents.map((consent) => [consent.session, consent]));
    expect(view.accesses.map(({ session }) => consents.get(session!)!.operation)).toEqual([
      'break-glass',
      'reidentify',
    ]);
    expect(view).toMatchObject({ objected: false, studies: [] });
    // Being shown is an access too.
    expect((await patients.view(third, relation)).accesses[0]).toMatchObject({
      by: 'third',
      what: 'viewed',
      basis: 'patient',
    });
    // The card was there for one physician, for some minutes.
    await expect(patients.view(second, archive.relation('anna', second))).rejects.toMatchObject({ code: 'forbidden' });
    stage.hoursLater(1);
    await expect(patients.view(third, relation)).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('whose time ends while it is read is shown nothing', async () => {
    const { archive, stage, third } = await scene();
    const relation = archive.relation('anna', third);
    await stage.visit('anna', third, 'view', archive.card('anna'));
    const { log } = stage.context;
    // The last moment: everything has been read, nothing has been kept.
    const append: typeof log.append = (...entry) => {
      stage.hoursLater(1);
      return log.append(...entry);
    };
    const late = new PatientRights({ ...stage.context, log: { append } }, stage.grants);
    const kept = log.size;
    await expect(late.view(third, relation)).rejects.toMatchObject({ code: 'forbidden' });
    expect(log.size).toBe(kept);
  });

  test('an export has every version and image, and the card alone opens it', async () => {
    const { archive, stage, first, third, open, secret, patients } = await scene();
    const relation = archive.relation('anna', first);
    await archive.writer.addVersion(first, relation, open.record, {
      version: 2,
      typeVersion: 1,
      body: '{"score":9}',
      signature: null,
    });
    const image = dicomFile(plain);
    await archive.writer.attach(first, relation, open.record, image);
    await stage.visit('anna', third, 'export', archive.card('anna'));
    const registry = stage.registry(third);
    const { publicKey, sealedKey } = parcelKey(archive.card('anna').sealing, registry, stage.rng);
    const sealed = await patients.export(third, archive.relation('anna', third), publicKey);
    expect(Buffer.from(sealed).includes('score')).toBe(false);
    const opened = await openParcel(archive.card('anna'), { sealedKey, sealed }, registry);
    const content = patientExport.parse(JSON.parse(fromUtf8(opened)));
    expect(content.contents.map(({ record, version, body }) => [record, version, body])).toEqual([
      [open.record, 1, '{"score":1}'],
      [open.record, 2, '{"score":9}'],
      [secret.record, 1, '{"score":2}'],
    ]);
    expect(content.files).toEqual([{ record: open.record, file: 1, bytes: Buffer.from(image).toString('base64url') }]);
    expect(content.accesses).toHaveLength(1);
    await expect(openParcel(archive.card('bert'), { sealedKey, sealed }, registry)).rejects.toMatchObject({
      code: 'sealed-text',
    });
    await expect(patients.view(third, archive.relation('anna', third))).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('who may have known the answer without the card is shown what is theirs alone', async () => {
    const { archive, stage, first, open, secret, patients } = await scene();
    const [other] = [await archive.physician('other', 'of second')];
    // All independent pairs are of its own institution.
    const relation = archive.relation('anna', other);
    await stage.visit('anna', other, 'view', archive.card('anna'));
    const { database } = stage.context;
    await database.updateTable('centre_grant').set({ independent: 0 }).where('kind', '=', 'view').execute();
    const view = await patients.view(other, relation);
    expect([view.records, view.accesses, view.studies, view.objected]).toEqual([[], [], [], null]);
    expect(view.consents.map(({ physician }) => physician)).toEqual(['other']);
    await stage.visit('anna', first, 'view', archive.card('anna'));
    await database.updateTable('centre_grant').set({ independent: 0 }).where('kind', '=', 'view').execute();
    const own = await patients.view(first, archive.relation('anna', first));
    expect(own.records.map(({ record }) => record)).toEqual([open.record, secret.record]);
    expect(own.accesses).toEqual([]);
  });
});
