import type { Operation } from '@symbolon/consent';
import type { Visit, Visited } from '@symbolon/workstation';
import type { Command } from 'commander';
import { atDesk, type Desk, type DeskOptions, patientOptions, personOptions, saySteps } from '../card/desk.ts';
import type { Context, Leaf } from '../command.ts';
import { facts, type Outcome, UsageError } from '../ui.ts';

interface VisitOptions extends DeskOptions {
  purpose?: string;
  group?: string[];
  beside?: string;
}

const purposeOption = (command: Command): Command =>
  command.option('--purpose <text>', "why: stands in the patient's view, signed by your card");

const withPurpose = (command: Command): Command => purposeOption(patientOptions(command));

/** `symbolon card enrol`. */
export const enrol: Leaf<VisitOptions> = {
  name: 'enrol',
  summary: "register a patient's card: with it, records of this patient open from now on",
  description:
    "Registers a patient's first card. A second one is registered beside it with --beside, which names the card that is registered already.",
  examples: [
    'symbolon card enrol --purpose "hip replacement"',
    'symbolon card enrol --patient new --beside old --purpose "second card"',
  ],
  options: (command) =>
    withPurpose(command).option('--beside <words>', 'a card of the patient that is registered already, and answers'),
  run: (context, _, options) =>
    visitWith(context, options, options.beside === undefined ? 'enrol' : 'add-card', async (desk) => {
      if (options.beside === undefined) return { card: await desk.patientCard() };
      return { card: await desk.patientCard(options.beside), newCard: await desk.patientCard() };
    }),
};

/** `symbolon card unlock`. */
export const unlock: Leaf<VisitOptions> = {
  name: 'unlock',
  summary: "the patient consents with the card: others' records of the named groups open",
  description: 'The patient consents to confidentiality groups of records. What is in other groups does not even show.',
  examples: ['symbolon card unlock --group general --purpose "follow-up"'],
  options: (command) =>
    withPurpose(command).option(
      '--group <name...>',
      'confidentiality groups that the patient consents to; may stand more than once',
    ),
  run: (context, _, options) =>
    visitWith(context, options, 'reidentify', async (desk) => {
      const known = desk.practice.info.groups;
      if (options.group === undefined) {
        throw new UsageError(
          'no confidentiality group was named',
          `Ask the patient which: --group ${known.join(', --group ')}`,
        );
      }
      return { card: await desk.patientCard(), groups: options.group };
    }),
};

/** `symbolon card replace`. */
export const replace: Leaf<VisitOptions> = {
  name: 'replace',
  summary: 'register another card for one that is lost; it counts once somebody else has confirmed it',
  examples: ['symbolon card replace --purpose "card lost"'],
  options: withPurpose,
  run: (context, _, options) =>
    visitWith(context, options, 'replace', async (desk) => ({ card: await desk.patientCard() })),
};

/** `symbolon card break-glass`. */
export const breakGlass: Leaf<VisitOptions> = {
  name: 'break-glass',
  summary: "read a patient's records in an emergency, without the card; the patient and the administrators are told",
  examples: ['symbolon card break-glass --purpose "unconscious after an accident"'],
  options: (command) => purposeOption(personOptions(command)),
  run: (context, _, options) => visitWith(context, options, 'break-glass', async () => ({})),
};

/** `symbolon card relate`. */
export const relate: Leaf<VisitOptions> = {
  name: 'relate',
  summary: 'make a patient known without the card, to add records: a laboratory, or a visit without it',
  examples: ['symbolon card relate --person patient.json --purpose "laboratory"'],
  options: (command) => purposeOption(personOptions(command)),
  run: (context, _, options) => visitWith(context, options, 'relate', async () => ({})),
};

async function visitWith(
  context: Context,
  options: VisitOptions,
  operation: Operation,
  prepare: (desk: Desk) => Promise<Pick<Visit, 'card' | 'newCard' | 'groups'>>,
): Promise<Outcome> {
  const { purpose } = options;
  if (purpose === undefined) throw new UsageError('--purpose is needed', "It stands in the patient's view.");
  return atDesk(context, options, async (desk) => {
    const relation = await desk.relation();
    const progress = saySteps(context.ui);
    const done = await desk.practice.visit(relation, { operation, purpose, progress, ...(await prepare(desk)) });
    return { json: done, text: facts(visited(done)) };
  });
}

const states = {
  done: 'done',
  draft: 'another enrolment was first: your records are drafts until the card was here again',
  waits: 'it counts when somebody of another institution, or an administrator, has confirmed it',
};

const kinds = {
  consent: 'by the patient’s consent',
  reopened: 'what was open before; for more, the card has to be at another institution first',
  'break-glass': 'all, in an emergency: the patient and the administrators are told',
};

function visited({ relation, state, grant, card }: Visited): [string, string][] {
  return [
    ['result', states[state]],
    ['relation', relation],
    ...(card === null ? [] : [['card', card] satisfies [string, string]]),
    ...(grant === null
      ? []
      : ([
          ['may be read', kinds[grant.kind]],
          ['groups', grant.groups.join(', ') || 'none'],
          ['until', new Date(grant.until).toISOString()],
        ] satisfies [string, string][])),
  ];
}
