import type { IncomingHttpHeaders } from 'node:http';
import type { Card } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import { prepared, Quota } from '@symbolon/service';
import type { Logins } from '../common/logins.ts';
import type { Context } from './context.ts';
import type { Professional } from './sessions/professional.ts';

/** Lets physicians in: by the token of their login, at an installation whose institution the module has told, and not too often. */
export class Door {
  readonly #context: Context;
  readonly #logins: Logins;
  readonly #physicians: Quota;
  readonly #installations: Quota;

  constructor(context: Context, logins: Logins) {
    this.#context = context;
    this.#logins = logins;
    const { maxRequestsPerMinute, maxLoginsPerMinute } = context.settings;
    this.#physicians = new Quota(maxRequestsPerMinute, context.now);
    this.#installations = new Quota(maxLoginsPerMinute, context.now);
  }

  /** Who asks. Throws `unauthenticated`, `forbidden`, `too-many-requests`. */
  async admit(headers: IncomingHttpHeaders, client: Card): Promise<Professional> {
    requireClient(client);
    const who = await this.#logins.authenticate(headers, client.id);
    if (!this.#physicians.take(`${who.module}/${who.physician}`)) throw tooOften(who.physician);
    const of = { module: who.module, installation: client.id };
    const {
      rows: [row],
    } = await institutionOf(this.#context.database, of);
    if (row !== undefined) return { ...who, institution: row.institution };
    throw fault('forbidden', `${who.module} has not said for whom this installation works`, {
      culprit: client.id,
      hint: "Ask the module's administrators to add the installation.",
    });
  }

  /** Counts what an installation asks before anybody is logged in. */
  count(client: Card): void {
    requireClient(client);
    if (!this.#installations.take(client.id)) throw tooOften(client.id);
  }
}

const institutionOf = prepared((database, { module, installation }: { module: string; installation: string }) =>
  database
    .selectFrom('centre_installation')
    .select('institution')
    .where('module', '=', module)
    .where('installation', '=', installation),
);

function requireClient({ id, role }: Card): void {
  if (role === 'workstation') return;
  throw fault('forbidden', `${id} is no installation of the physicians' client`, { culprit: id });
}

const tooOften = (culprit: string) =>
  fault('too-many-requests', `${culprit} asks too often; try again in a minute`, { culprit });
