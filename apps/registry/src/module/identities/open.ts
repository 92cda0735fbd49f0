import { KeyChange } from '../pseudonyms/key-change.ts';
import { PatientCards } from './cards.ts';
import { IdentityChanges } from './changes.ts';
import type { IdentityContext } from './context.ts';
import { Duplicates } from './duplicates.ts';
import { Patients } from './patients.ts';
import { Relations } from './relations.ts';
import { Settler } from './settler.ts';

/** All that a module knows of people. */
export interface Identities {
  readonly relations: Relations;
  readonly cards: PatientCards;
  readonly patients: Patients;
  readonly duplicates: Duplicates;
  readonly changes: IdentityChanges;
  readonly keyChange: KeyChange;
  readonly settler: Settler;
  /** Ends what goes on. */
  close(): Promise<void>;
}

/** Opens them, and goes on with what an earlier process left. */
export function openIdentities(context: IdentityContext): Identities {
  const settler = new Settler(context);
  const cards = new PatientCards(context, settler);
  settler.kick();
  return {
    settler,
    cards,
    relations: new Relations(context, settler),
    patients: new Patients(context, cards),
    duplicates: new Duplicates(context),
    changes: new IdentityChanges(context),
    keyChange: new KeyChange(context, settler),
    close: () => settler.close(),
  };
}
