import { openDatabase, openHome } from '@symbolon/service';

/** What happened at the key service, as its own log tells it: everything that it has kept. */
export async function keyServiceLog(home: string): Promise<Record<string, unknown>[]> {
  const database = await openDatabase(openHome(home));
  try {
    const rows = await database.selectFrom('log_entry').select('event').orderBy('index').execute();
    return rows.flatMap(({ event }) =>
      event === null ? [] : [JSON.parse(Buffer.from(event).toString()) as Record<string, unknown>],
    );
  } finally {
    await database.destroy();
  }
}
