import { unreadable } from '../fault.ts';

/** The characters that a message separates its parts by, as its MSH-1 and MSH-2 say. */
export interface Delimiters {
  readonly field: string;
  readonly component: string;
  readonly repetition: string;
  readonly escaping: string;
  readonly subcomponent: string;
}

/** Reads the first bytes of a message. */
export function delimitersOf(bytes: Uint8Array): Delimiters {
  const head = String.fromCharCode(...bytes.subarray(0, 10));
  if (head.slice(0, 3) !== 'MSH') throw unreadable('MSH', 'must begin the message: one HL7 v2 message in ER7 encoding');
  const [field = '', component = '', repetition = '', escaping = '', subcomponent = ''] = head.slice(3);
  const all = [field, component, repetition, escaping, subcomponent];
  if (!all.every((character) => /^[!-/:-@[-`{-~]$/.test(character)) || new Set(all).size < all.length) {
    throw unreadable('MSH-2', 'must be four different delimiters, like ^~\\&');
  }
  // HL7 v2.7 adds a fifth, which says where text was cut off.
  if (head[8] !== field && head[9] !== field) throw unreadable('MSH-2', 'must end with the field separator');
  return { field, component, repetition, escaping, subcomponent };
}

/** The text of a component or subcomponent, with its escape sequences (HL7 v2.5.1 §2.7) replaced; formatting is left out. */
export function unescaped(text: string, delimiters: Delimiters): string {
  const { escaping } = delimiters;
  if (!text.includes(escaping)) return text;
  const parts = text.split(escaping);
  let plain = parts[0]!;
  // Odd parts are sequences; a last one that nothing closes is text.
  for (let i = 1; i < parts.length; i++) {
    if (i % 2 === 0) plain += parts[i]!;
    else plain += i === parts.length - 1 ? `${escaping}${parts[i]!}` : sequence(parts[i]!, delimiters);
  }
  return plain;
}

function sequence(text: string, { field, component, repetition, escaping, subcomponent }: Delimiters): string {
  const [kind] = text;
  if (text === 'F') return field;
  if (text === 'S') return component;
  if (text === 'T') return subcomponent;
  if (text === 'R') return repetition;
  if (text === 'E') return escaping;
  if (kind === 'X' && /^X(?:[0-9A-Fa-f]{2})+$/.test(text)) return Buffer.from(text.slice(1), 'hex').toString('latin1');
  return '';
}
