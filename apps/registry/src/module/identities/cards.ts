import { slots } from '@symbolon/consent';
import { fault } from '@symbolon/crypto';
import type { Database } from '@symbolon/service';
import type { IdentityContext } from './context.ts';
import { membersOf } from './lead.ts';
import type { Settler } from './settler.ts';

/** A card that a patient showed to the module. */
export interface PatientCard {
  /** Of its certificate, 32 bytes in base64url. */
  readonly thumbprint: string;
  readonly slot: number;
  readonly state: 'active' | 'replaced' | 'revoked';
  readonly addedAt: string;
}

/** Cards by which patients prove who they are. One card is one patient's; a patient has at most {@link slots} at a time. */
export class PatientCards {
  readonly #context: IdentityContext;
  readonly #settler: Settler;

  constructor(context: IdentityContext, settler: Settler) {
    this.#context = context;
    this.#settler = settler;
  }

  /** The cards of the patient behind a relation, the newest last. */
  async of(relation: string): Promise<PatientCard[]> {
    return this.ofPatient(await this.#patientOf(this.#context.database, await this.#settler.settle(relation)));
  }

  /** The cards of a patient. */
  async ofPatient(patient: number): Promise<PatientCard[]> {
    const rows = await cardsOf(this.#context.database, patient).orderBy('added_at').orderBy('thumbprint').execute();
    return rows.map(({ added_at: addedAt, ...card }) => ({ ...card, addedAt }));
  }

  /**
   * Keeps a card that was checked against the person of a relation; the same again changes nothing. Throws `conflict` where no slot is free or the card was
   * replaced or revoked. A card that another patient has shown: both are put before an administrator, as one person seems to be known as two; throws
   * `consent-identity`.
   */
  async add(relation: string, thumbprint: string): Promise<PatientCard> {
    const { log, now } = this.#context;
    const identity = await this.#settler.settle(relation);
    const added_at = now().toISOString();
    let kept: PatientCard | undefined;
    await log.append({ kind: 'card-shown', relation, at: added_at }, async (transaction) => {
      const patient = await this.#patientOf(transaction, identity);
      const known = await transaction
        .selectFrom('patient_card')
        .innerJoin('identity', 'identity.id', 'patient_card.identity')
        .select(['thumbprint', 'slot', 'state', 'patient_card.added_at', 'identity.id', 'identity.merged_into'])
        .where('thumbprint', '=', thumbprint)
        .executeTakeFirst();
      if (known !== undefined && (known.merged_into ?? known.id) !== patient) {
        await this.#reportDuplicate(transaction, known.id, identity);
        return;
      }
      if (known !== undefined) {
        if (known.state !== 'active') throw fault('conflict', `this card was ${known.state}`, { culprit: 'card' });
        kept = { thumbprint, slot: known.slot, state: known.state, addedAt: known.added_at };
        return;
      }
      const taken = await cardsOf(transaction, patient).where('patient_card.state', '=', 'active').execute();
      const slot = Array.from({ length: slots }, (_, i) => i).find((free) => taken.every((card) => card.slot !== free));
      if (slot === undefined) {
        throw fault('conflict', `this patient has ${slots} cards`, { hint: 'Replace one of them.', culprit: 'card' });
      }
      const wrapped_as = await this.#wrappedAs(transaction, patient, identity);
      const row = { thumbprint, identity, wrapped_as, slot, state: 'active' as const, added_at, ended_at: null };
      await transaction.insertInto('patient_card').values(row).execute();
      kept = { thumbprint, slot, state: 'active', addedAt: added_at };
    });
    if (kept !== undefined) return kept;
    throw fault('consent-identity', 'another person has shown this card', {
      culprit: 'card',
      hint: "The module's administrators see both, and can merge them.",
    });
  }

  /** A card counts no more. Throws `not-found`. */
  async end(thumbprint: string, state: 'replaced' | 'revoked'): Promise<void> {
    const { log, now } = this.#context;
    const at = now().toISOString();
    await log.append({ kind: `card-${state}`, at }, async (transaction) => {
      const row = await transaction
        .updateTable('patient_card')
        .set({ state, ended_at: at })
        .where('thumbprint', '=', thumbprint)
        .where('state', '=', 'active')
        .returning('slot')
        .executeTakeFirst();
      if (row === undefined) throw fault('not-found', 'no patient has this card', { culprit: 'card' });
    });
  }

  async #patientOf(database: Database, identity: number): Promise<number> {
    const { id, merged_into } = await database
      .selectFrom('identity')
      .select(['id', 'merged_into'])
      .where('id', '=', identity)
      .executeTakeFirstOrThrow();
    return merged_into ?? id;
  }

  /** Cards of a patient that were not merged from others share one W, so that one can be added with another: that of the one that was shown first. */
  async #wrappedAs(database: Database, patient: number, identity: number): Promise<number> {
    const row = await database
      .selectFrom('patient_card')
      .select('wrapped_as')
      .where('identity', 'in', membersOf(database, patient))
      .orderBy('added_at')
      .orderBy('thumbprint')
      .executeTakeFirst();
    return row?.wrapped_as ?? identity;
  }

  async #reportDuplicate(database: Database, a: number, b: number): Promise<void> {
    const [one, other] = [Math.min(a, b), Math.max(a, b)];
    const reasons = JSON.stringify({ card: 'same' });
    await database
      .insertInto('duplicate')
      .values({
        ...{ one, other, score: 1000, reasons, state: 'open' },
        ...{ added_at: this.#context.now().toISOString(), ended_at: null, ended_by: null },
      })
      .onConflict((conflict) => conflict.columns(['one', 'other']).doUpdateSet({ score: 1000, reasons, state: 'open' }))
      .execute();
  }
}

function cardsOf(database: Database, patient: number) {
  return database
    .selectFrom('patient_card')
    .select(['thumbprint', 'slot', 'state', 'added_at'])
    .where('identity', 'in', membersOf(database, patient));
}
