import { onBothDatabases } from '@symbolon/testkit/databases';
import { expect, test } from 'vitest';
import { Archive } from './archive.ts';

onBothDatabases(() => {
  test('what is reopened without an independent pair shows no version that came later', async () => {
    const archive = await Archive.open();
    const { stage } = archive;
    const [first, second] = [await archive.physician('first'), await archive.physician('second')];
    const card = archive.card('anna');
    await stage.visit('anna', first, 'enrol', card);
    const { record } = await archive.add('anna', first, { score: 1 });
    const other = await archive.add('anna', first, { score: 2 });
    await stage.visit('anna', second, 'reidentify', card);
    expect(await archive.seen('anna', second)).toEqual([other.record, record]);
    stage.hoursLater(48);
    const version = { version: 2, typeVersion: 1, body: '{"score":77}', signature: null };
    await archive.writer.addVersion(first, archive.relation('anna', first), record, version);
    const pairs = stage.context.database.updateTable('centre_pair').set({ state: 'retired' });
    await pairs.where('physician', '=', 'first').execute();
    expect((await stage.visit('anna', second, 'reidentify', card)).grant?.kind).toBe('reopened');
    expect(await archive.seen('anna', second)).toEqual([other.record]);
    const read = archive.reader.read(second, archive.relation('anna', second), record);
    await expect(read).rejects.toEqual(expect.objectContaining({ code: 'not-found' }));
  });
});
