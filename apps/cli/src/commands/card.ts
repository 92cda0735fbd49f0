import { readFileSync } from 'node:fs';
import { base64url, hashLabelled } from '@symbolon/crypto';
import { openHome } from '@symbolon/service';
import { Practice } from '@symbolon/workstation';
import { type CardOptions, meOption, openMine, readersOf } from '../card/desk.ts';
import type { Leaf } from '../command.ts';
import { counted, facts, table, UsageError } from '../ui.ts';

const pinWords = { good: '', low: 'wrong before', last: 'one try left', locked: 'locked' };

/** `symbolon card list`. */
export const list: Leaf<object> = {
  name: 'list',
  summary: 'readers of this workstation, and the cards in them',
  examples: ['symbolon card list', 'symbolon card list --home ./desk --json'],
  run: async (context) => {
    const { cards, readers } = await readersOf(context);
    if (cards.length === 0)
      context.ui.say(`No card is in ${counted(readers, 'reader')}. docs/cards.md says what can be wrong.`);
    const rows = cards.map(({ label, serial, model, reader, pinPad, pin }) => [
      ...[label, serial, model, reader],
      pinPad ? 'on the reader' : pinWords[pin],
    ]);
    const json = cards.map(({ driver, ...card }) => ({ ...card, driver }));
    return { json, text: cards.length === 0 ? '' : table(['card', 'serial', 'model', 'reader', 'pin'], rows) };
  },
};

/** `symbolon card apply`. */
export const apply: Leaf<CardOptions & { name?: string }> = {
  name: 'apply',
  summary: 'apply to the registry as a physician; its administrators decide',
  examples: ['symbolon card apply --name "Dr. Anna Ender" --me hpc'],
  options: (command) => meOption(command).option('--name <name>', 'how the administrators read it'),
  run: async (context, _, { name, me }) => {
    if (name === undefined) throw new UsageError('--name is needed');
    const professional = await openMine(context, me === undefined ? {} : { me });
    const state = await Practice.apply({ home: openHome(context.home), professional }, name);
    return { json: { state }, text: facts([['state', state]]) };
  },
};

/** `symbolon card sign`. */
export const sign: Leaf<CardOptions> = {
  name: 'sign <file>',
  summary: "sign a file with the health professional's card",
  description:
    'Prints the signature and the certificates of the card. What is signed is a labelled hash of the file, so that no file is a login or a consent: ' +
    'SHA-256 as hashLabelled of packages/crypto writes it, with the label "symbolon card document".',
  examples: ['symbolon card sign report.pdf --me hpc'],
  options: meOption,
  run: async (context, [file], options) => {
    const text = hashLabelled('symbolon card document', new Uint8Array(readFileSync(file!)));
    const card = await openMine(context, options);
    const signature = base64url(await card.sign(text));
    return { json: { signature, chain: card.chain.map(base64url) }, text: signature };
  },
};
