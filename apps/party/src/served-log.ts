import { fault, fromBase64url } from '@symbolon/crypto';
import { type ApiClient, logReading as api, type Disclosed, type LogBundle } from '@symbolon/service';

/** The log of an organisation as its server exports it, to be written by `writeBundle`. @param epoch the newest, if absent */
export async function servedLog(client: ApiClient, disclose: Disclosed, epoch?: number): Promise<LogBundle> {
  const of = epoch === undefined ? {} : { epoch };
  const head = await client.call(api.exportLogHead, { query: of });
  const { entries } = head;
  return {
    ...head,
    tiles: () =>
      pages(async (from) => {
        const { tiles } = await client.call(api.exportLogTiles, { query: { ...of, entries, from } });
        return { items: tiles.map(fromBase64url), next: from + tiles.length };
      }),
    events: () =>
      pages(async (from) => {
        if (disclose !== 'all' && disclose.length === 0) return { items: [], next: from };
        const disclosed = disclose === 'all' ? disclose : disclose.join();
        const { lines } = await client.call(api.exportLogEvents, { query: { ...of, entries, disclosed, from } });
        return { items: lines, next: lines.length === 0 ? from : indexOf(lines.at(-1)!, from) + 1 };
      }),
  };
}

async function* pages<Item>(ask: (from: number) => Promise<{ items: Item[]; next: number }>): AsyncGenerator<Item> {
  for (let from = 0; ; ) {
    const { items, next } = await ask(from);
    if (items.length === 0) return;
    yield* items;
    from = next;
  }
}

/** The entry that a line is about; the server's word, so no earlier one than was asked for. */
function indexOf(line: string, from: number): number {
  const { index } = JSON.parse(line) as { index?: unknown };
  if (Number.isSafeInteger(index) && (index as number) >= from) return index as number;
  throw fault('bad-document', 'the server exports events out of order');
}
