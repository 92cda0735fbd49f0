import type { Card } from '@symbolon/agreement';
import { base64url, fault } from '@symbolon/crypto';
import { entryBundle, type LogReader, parseTilePath, type TileName, tileWidth } from '@symbolon/ledger';
import { z } from 'zod';
import { ByteStream, Reply } from './answers.ts';
import { type ClaimServer, consistencyPath } from './claims.ts';
import { withCosignatures } from './cosignatures.ts';
import { exchangeRoute } from './exchange.ts';
import type { ServerLog } from './log.ts';
import { Quota } from './quota.ts';
import { type Route, route } from './route.ts';
import { seenRoute } from './witness.ts';

const noBody = 1;
const exchangesPerMinute = 120;
const size = z
  .string()
  .regex(/^(0|[1-9]\d{0,14})$/, 'must be a number of entries')
  .transform(Number);

/** All that a partner can ask of this server's log: numbers and hashes, no event. */
export function logRoutes(server: ClaimServer): Route<Card>[] {
  const peer = route<Card>();
  const { database, log, now } = server;
  const quota = new Quota(exchangesPerMinute, now);
  const count = ({ id }: Card): void => {
    if (!quota.take(id)) throw fault('peer-refused', `${id} asks too often; try again in a minute`, { culprit: id });
  };
  return [
    seenRoute(database),
    exchangeRoute(server, count),
    peer({
      method: 'GET',
      path: `${consistencyPath}/:from/:to`,
      params: z.strictObject({ from: size, to: size }),
      bodyLimit: noBody,
      handle: async ({ params: { from, to } }) => ({ proof: log.consistencyProof(from, to).map(base64url) }),
    }),
    peer({
      method: 'GET',
      path: '/v1/log/*',
      params: z.strictObject({ '*': z.string().max(200) }),
      bodyLimit: noBody,
      handle: ({ params }) => resource(server, params['*']),
    }),
  ];
}

/** C2SP tlog-tiles below the prefix /v1/log/<origin>/: the checkpoint with its cosignatures, tiles and bundles of entries. */
async function resource({ database, log }: ClaimServer, path: string): Promise<unknown> {
  const below = path.startsWith(`${log.origin}/`) ? path.slice(log.origin.length + 1) : '';
  if (below === 'checkpoint') {
    const note = await withCosignatures(database, log.origin, log.checkpoint());
    return bytes(Buffer.from(note), 'text/plain; charset=utf-8', 'no-store');
  }
  const tile = parseTilePath(below);
  if (tile === undefined) throw fault('not-found', 'the log has no such tile');
  return bytes(await tileOf(log, log.store, tile), 'application/octet-stream', 'max-age=31536000, immutable');
}

/** The bytes of a tile or bundle; throws `not-found`. */
export async function tileOf(
  log: Pick<ServerLog, 'size' | 'tile'>,
  store: Pick<LogReader, 'hashes'>,
  { level, index, width }: TileName,
): Promise<Uint8Array> {
  if (level !== 'entries') return log.tile(level, index, width);
  const start = tileWidth * index;
  if (start + width > log.size) throw fault('not-found', 'the log has no such tile');
  return entryBundle(await store.hashes(start, start + width));
}

function bytes(content: Uint8Array, type: string, caching: string): Reply<ByteStream> {
  const headers = { 'content-type': type, 'cache-control': caching };
  return new Reply(new ByteStream(once(content), content.length), headers);
}

async function* once(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}
