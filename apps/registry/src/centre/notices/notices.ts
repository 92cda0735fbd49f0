import type { Card } from '@symbolon/agreement';
import { openNotice, type ToCentre, toCentre } from '@symbolon/consent';
import { fault, fromBase64url, type SignedDocument } from '@symbolon/crypto';
import { type Database, isDuplicate } from '@symbolon/service';
import type { Physicians } from '../../common/physicians.ts';
import { type Context, policyOf } from '../context.ts';
import { findPatient, requirePatient } from '../patients.ts';
import { rights } from '../rights.ts';
import { decideReplacement } from '../sessions/replacement.ts';
import { mergePatients, splitPatient } from './merge.ts';
import { forgetOldPseudonyms, renamePatients } from './pseudonyms.ts';

/** What modules tell: each notice once, in one transaction with the log. */
export class Notices {
  readonly #context: Context;
  readonly #physicians: Physicians;

  constructor(context: Context, physicians: Physicians) {
    this.#context = context;
    this.#physicians = physicians;
  }

  /** Takes a notice; one that was taken before changes nothing. Throws `forbidden` for whoever is no module here, and what `openNotice` throws. */
  async take(caller: Card, document: SignedDocument): Promise<void> {
    const { home, settings, log, now, database } = this.#context;
    if (caller.role !== 'module') throw fault('forbidden', `${caller.id} is no module`, { culprit: caller.id });
    const { id: module } = policyOf(settings, caller.id);
    const expected = { from: module, to: home.card.id, key: fromBase64url(caller.signingKey), shape: toCentre };
    const { id, what } = openNotice(document, expected);
    if (await this.#isTaken(database, module, id)) return;
    try {
      await log.append({ kind: 'notice-taken', module, about: what.about, notice: id }, async (within) => {
        await within.insertInto('centre_notice').values({ module, id, taken_at: now().toISOString() }).execute();
        await this.#apply(within, module, what);
      });
    } catch (error) {
      if (isDuplicate(error) && (await this.#isTaken(database, module, id))) return;
      throw error;
    }
  }

  async #isTaken(database: Database, module: string, id: string): Promise<boolean> {
    const query = database.selectFrom('centre_notice').select('id').where('module', '=', module).where('id', '=', id);
    return (await query.executeTakeFirst()) !== undefined;
  }

  async #apply(within: Database, module: string, what: ToCentre): Promise<void> {
    const context = this.#context;
    switch (what.about) {
      case 'physician':
        return this.#keepPhysician(within, module, what);
      case 'installation':
        return keepInstallation(within, module, what);
      case 'merge':
        return mergePatients(context, within, { module, ...what });
      case 'split':
        return splitPatient(context, within, { module, ...what });
      case 'pseudonyms':
        return renamePatients(within, module, what.pairs);
      case 'pseudonyms-done':
        return forgetOldPseudonyms(within, module);
      case 'right':
        return this.#carryOut(within, module, what);
      case 'replacement':
        return decideReplacement(context, within, { module, ...what });
    }
  }

  #keepPhysician(
    within: Database,
    module: string,
    { physician: id, state, certificates }: Extract<ToCentre, { about: 'physician' }>,
  ): Promise<void> {
    const known = certificates.map((thumbprint) => ({ thumbprint, certificate: null }));
    return this.#physicians.keep(within, module, { id, name: null, state, certificates: known });
  }

  /** Who is not known yet has objected too; of anybody else there is nothing to end. */
  async #carryOut(
    within: Database,
    module: string,
    { right, pseudonym }: Extract<ToCentre, { about: 'right' }>,
  ): Promise<void> {
    const context = this.#context;
    const patient =
      right === 'object'
        ? await requirePatient(within, { ...context, module, pseudonym, now: context.now() })
        : await findPatient(within, module, pseudonym);
    if (patient !== undefined) await rights[right](context, within, patient.id);
  }
}

async function keepInstallation(
  within: Database,
  module: string,
  { installation, institution }: Extract<ToCentre, { about: 'installation' }>,
): Promise<void> {
  await within
    .deleteFrom('centre_installation')
    .where('module', '=', module)
    .where('installation', '=', installation)
    .execute();
  if (institution === null) return;
  await within.insertInto('centre_installation').values({ module, installation, institution }).execute();
}
