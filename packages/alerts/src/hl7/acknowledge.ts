import { utf8 } from '@symbolon/crypto';
import type { Delimiters } from './delimiters.ts';
import type { Hl7Message } from './message.ts';

/** AA: taken. AE: not now, or not with this content. AR: not such a message at all. */
export type AckCode = 'AA' | 'AE' | 'AR';

const standard: Delimiters = { field: '|', component: '^', repetition: '~', escaping: '\\', subcomponent: '&' };

/**
 * The acknowledgement of a message (original mode, HL7 v2.5.1 §2.9.2), not framed; it names its receiver as the message named its sender.
 * @param message undefined where not even its header could be read
 * @param text for people; without what the message held
 */
export function acknowledge(message: Hl7Message | undefined, code: AckCode, text: string, now: Date): Uint8Array {
  const delimiters = message?.delimiters ?? standard;
  const { field, component, repetition, escaping, subcomponent } = delimiters;
  const header = message?.segments[0]?.fields ?? [];
  const [application = '', facility = '', toApplication = '', toFacility = ''] = header.slice(3, 7);
  const id = message?.controlId ?? '';
  const kind = ['ACK', ...(message === undefined || message.trigger === '' ? [] : [message.trigger, 'ACK'])];
  const msh = [
    'MSH',
    `${component}${repetition}${escaping}${subcomponent}`,
    toApplication,
    toFacility,
    application,
    facility,
    now.toISOString().replace(/[-T:]|\.\d+Z$/g, ''),
    '',
    kind.join(component),
    id,
    header[11] || 'P',
    header[12] || '2.5.1',
    ...['', '', '', '', '', 'UNICODE UTF-8'],
  ];
  const msa = ['MSA', code, id, escaped(text.slice(0, 80), delimiters)];
  return utf8(`${msh.join(field)}\r${msa.join(field)}\r`.toWellFormed());
}

function escaped(text: string, { field, component, repetition, escaping, subcomponent }: Delimiters): string {
  const sequences: Readonly<Record<string, string>> = {
    [field]: 'F',
    [component]: 'S',
    [subcomponent]: 'T',
    [repetition]: 'R',
    [escaping]: 'E',
  };
  const one = (character: string): string => {
    if (character < ' ') return ' ';
    return Object.hasOwn(sequences, character) ? `${escaping}${sequences[character]}${escaping}` : character;
  };
  return [...text].map(one).join('');
}
