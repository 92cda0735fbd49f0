import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBase64url } from '@symbolon/crypto';
import { type ApiRoute, answer, databaseStatus, summaryOf } from '@symbolon/service';
import { getServer } from '../api/server.ts';
import type { PartyContext } from '../context.ts';

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
  version: string;
};

export function serverRoutes({ home, log }: PartyContext): ApiRoute[] {
  return [
    answer(getServer, async () => {
      const { address, fingerprint } = summaryOf(home.card);
      const own = new X509Certificate(fromBase64url(home.card.certificate));
      const { words } = await databaseStatus(home);
      return {
        ...{ address, fingerprint, card: home.cardFile, logOrigin: log.origin },
        certificates: [
          { what: 'server' as const, ...validity(new X509Certificate(home.tls().certificate)) },
          { what: 'organisation' as const, ...validity(own) },
        ],
        version,
        node: process.versions.node,
        // Without the place: it is a path of the server.
        database: words.split(',', 1)[0]!,
      };
    }),
  ];
}

function validity({ validFromDate, validToDate }: X509Certificate): { from: string; until: string } {
  return { from: validFromDate.toISOString(), until: validToDate.toISOString() };
}
