import { facts, table } from '../../ui.ts';
import type { Saw } from './saw.ts';
import type { RegistryRole } from './servers.ts';

/** A scenario as it went. */
export interface Went {
  readonly name: string;
  readonly story: string;
  readonly expected: string;
  readonly got: string;
}

/** What a rehearsal of a registry came to; its JSON too. */
export interface RegistryReport {
  readonly job: 'registry';
  readonly scenarios: readonly Went[];
  /** Traces of patients' identities and cards that the central server keeps: there have to be none. */
  readonly identitiesAtCentre: number;
  readonly auditVerified: boolean;
  /** What each keeps, by how many traces of the story were found. */
  readonly saw: Readonly<Record<RegistryRole, Saw>>;
  readonly seconds: number;
}

/** Whether all went as it has to. */
export function isGood({ scenarios, identitiesAtCentre, auditVerified, saw }: RegistryReport): boolean {
  return (
    scenarios.every(({ expected, got }) => expected === got) &&
    identitiesAtCentre === 0 &&
    auditVerified &&
    // The search finds what is there.
    saw.module.identities > 0 &&
    saw.module.cards > 0 &&
    saw.centre.records > 0
  );
}

const kept: Readonly<Record<RegistryRole, string>> = {
  oprf: 'key of pseudonyms',
  module: 'module: identities',
  centre: 'centre: records',
  clinic: 'desk of the clinic',
  hospital: 'desk of the hospital',
  ward: 'ward of the hospital',
};

export function registryReportText(report: RegistryReport): string {
  const { scenarios, saw, identitiesAtCentre, auditVerified } = report;
  const went = scenarios.map(({ name, story, expected, got }) =>
    [
      `${expected === got ? '✓' : '✗'} ${name}: ${got}`,
      `    ${story}`,
      ...(expected === got ? [] : [`    expected: ${expected}`]),
    ].join('\n'),
  );
  const rows = Object.entries(saw).map(([role, { identities, cards, records }]) => [
    kept[role as RegistryRole],
    ...[identities, cards, records].map((count) => (count === 0 ? 'nothing' : `${count} traces`)),
  ]);
  return [
    ...went,
    '',
    'What each keeps, searched in folder and database for every piece of it in any form:',
    table(['', 'names and numbers', "keys, certificates, signatures of patients' cards", 'contents of records'], rows),
    '',
    facts([
      ['identities at the centre', String(identitiesAtCentre)],
      ['logs verified', auditVerified ? 'yes' : 'NO'],
    ]),
  ].join('\n');
}
