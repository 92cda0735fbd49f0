import { openHome } from '@symbolon/service';
import {
  cardName,
  chooseCard,
  driversFor,
  type FoundCard,
  findCards,
  type OpenCard,
  openCard,
  Practice,
  settingsOf,
  type VisitStep,
} from '@symbolon/workstation';
import type { Command } from 'commander';
import type { Context } from '../command.ts';
import { askSecret } from '../secrets.ts';
import type { Ui } from '../ui.ts';
import { readPerson } from './person.ts';

/** Which cards are meant, where readers hold more than one. */
export interface CardOptions {
  readonly me?: string;
  readonly patient?: string;
}

/** And whom they are about. */
export interface DeskOptions extends CardOptions {
  readonly person?: string;
}

export const meOption = (command: Command): Command =>
  command.option('--me <words>', "the health professional's card: part of its label, serial number or reader");

/** Options of commands that are about a patient. */
export const personOptions = (command: Command): Command =>
  meOption(command).option('--person <file>', 'who the patient is, as JSON; - for stdin; else it is asked for');

/** Of commands with the patient's card. */
export const patientOptions = (command: Command): Command =>
  personOptions(command).option('--patient <words>', "the patient's card: part of its label, serial number or reader");

/** A health professional at a workstation. */
export interface Desk {
  readonly practice: Practice;
  /** Opens the patient's card, once it is known who the patient is. */
  patientCard(words?: string): Promise<OpenCard>;
  /** Finds the relation to the patient. */
  relation(): Promise<string>;
}

/** Opens the health professional's card, logs in, and works. Everything is closed at the end. */
export async function atDesk<T>(
  context: Pick<Context, 'ui' | 'home' | 'cleanup'>,
  options: DeskOptions,
  work: (desk: Desk) => Promise<T>,
): Promise<T> {
  const { ui } = context;
  const home = openHome(context.home);
  const { cards, open } = await readersOf(context);
  const words = options.me ?? settingsOf(home).professional;
  const patients =
    options.patient === undefined ? [] : [chooseCard(cards, { whose: "the patient's", words: options.patient })];
  const mine = chooseCard(cards, { whose: "the health professional's", words, not: patients });
  const professional = await open(mine);
  const practice = await Practice.open({ home, professional });
  try {
    return await work({
      practice,
      async relation() {
        const person = await readPerson(ui, options.person, practice.info.fields);
        const { relation, suggestions } = await practice.relation(person);
        for (const { person: alike } of suggestions) {
          ui.say(
            `! You have a patient who is nearly the same: ${Object.values(alike).join(', ')}. Check the spelling.`,
          );
        }
        return relation;
      },
      patientCard: (named = options.patient) =>
        open(chooseCard(cards, { whose: "the patient's", words: named, not: [mine] })),
    });
  } finally {
    await practice.close();
  }
}

/** The health professional's card alone, open. */
export async function openMine(
  context: Pick<Context, 'ui' | 'home' | 'cleanup'>,
  { me }: CardOptions,
): Promise<OpenCard> {
  const { cards, open } = await readersOf(context);
  const words = me ?? settingsOf(openHome(context.home)).professional;
  return open(chooseCard(cards, { whose: "the health professional's", words }));
}

/** What is in the readers of this workstation. */
export async function readersOf({ ui, home, cleanup }: Pick<Context, 'ui' | 'home' | 'cleanup'>) {
  const { cards, readers } = await findCards(driversFor(settingsOf(openHome(home)).drivers));
  const open = async (found: FoundCard): Promise<OpenCard> => {
    const card = await openCard({ driver: found.driver, card: found, pin: await pinOf(ui, found) });
    cleanup.add(() => card.close());
    return card;
  };
  return { cards, readers, open };
}

async function pinOf(ui: Ui, card: FoundCard): Promise<Uint8Array | undefined> {
  if (card.pin === 'last') ui.say(`! One more wrong PIN, and ${card.label} locks itself.`);
  if (!card.pinPad) return new Uint8Array(Buffer.from(await askSecret(`PIN of ${cardName(card)}`)));
  ui.say(`Type the PIN of ${card.label} on the reader.`);
  return undefined;
}

const steps: Readonly<Record<VisitStep, string>> = {
  'check-card': "The patient's card shows the registry whose it is",
  ticket: 'The registry gives a ticket',
  challenge: 'The centre asks the card',
  'patient-card': "The patient's card answers",
  'professional-card': "The health professional's card signs",
};

/** Says what is being done. */
export const saySteps = (ui: Ui) => (step: VisitStep) => ui.note(`${steps[step]} …`);
