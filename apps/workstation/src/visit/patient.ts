import { openParcel, type PatientExport, type PatientView, parcelKey, patientExport } from '@symbolon/consent';
import { fault } from '@symbolon/crypto';
import type { PatientCard, Practice, Visit } from './practice.ts';

/** What a patient asks for with the card. */
export interface PatientAsks {
  readonly card: PatientCard;
  readonly progress?: Visit['progress'];
}

const ownPurpose = 'asked for by the patient';

/** Who read what, for which purpose, and which studies used it: shown to the patient, by the card. */
export async function viewAsPatient(practice: Practice, relation: string, asked: PatientAsks): Promise<PatientView> {
  await practice.visit(relation, { ...asked, operation: 'view', purpose: ownPurpose });
  return practice.centre.view(relation);
}

/** What is kept of the patient, sealed to the card on its way; opened here, with it. */
export async function exportAsPatient(
  practice: Practice,
  relation: string,
  asked: PatientAsks,
): Promise<PatientExport> {
  const { card } = asked;
  const { registry, centre, rng } = practice;
  await practice.visit(relation, { ...asked, operation: 'export', purpose: ownPurpose });
  const { publicKey, sealedKey } = parcelKey(card.sealing, registry, rng);
  const sealed = await centre.export(relation, publicKey);
  let opened: Uint8Array;
  try {
    opened = await openParcel(card, { sealedKey, sealed }, registry);
  } catch (error) {
    throw card.lost ?? error;
  }
  const read = patientExport.safeParse(parsed(opened));
  if (read.success) return read.data;
  throw fault('frame-shape', `${centre.line.who} sent an export of another shape`, { culprit: centre.line.who });
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** Withdraws consent, objects to studies, or has everything erased. The card shows the module who asks. */
export async function exerciseRight(
  practice: Practice,
  relation: string,
  right: 'withdraw' | 'object' | 'erase',
  asked: PatientAsks,
): Promise<void> {
  await practice.visit(relation, { ...asked, operation: right, purpose: ownPurpose });
}
