import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type Card, parseCard } from '@symbolon/agreement';
import { fault, fingerprint, fromBase64url, SymbolonError, sameFingerprint } from '@symbolon/crypto';
import {
  addPartner,
  apiClient,
  type Home,
  localClient,
  openHome,
  type PartnerSummary,
  summaryOf,
} from '@symbolon/service';
import type { Leaf } from '../command.ts';
import { facts, table, UsageError } from '../ui.ts';

/** `symbolon partner invite`: this organisation's card, for a partner. */
export const invite: Leaf<{ out?: string }> = {
  name: 'invite',
  summary: "write this organisation's card, to send to a partner",
  description:
    "Writes this organisation's card (address, public keys, certificate; nothing secret) to a file or to stdout, and its\n" +
    'fingerprint to the screen. Send the card by any way; read the fingerprint out over the telephone.',
  examples: ['symbolon partner invite --out fred.card', 'symbolon partner invite > fred.card'],
  options: (command) => command.option('--out <file>', 'where to write the card; stdout if absent'),
  run: async ({ ui, home }, _, { out }) => {
    const { card, cardFile } = openHome(home);
    const print = printOf(card);
    if (out !== undefined) writeFileSync(out, cardFile, { flag: 'wx' });
    ui.say(`Fingerprint of ${card.name}, to read out over the telephone:`);
    ui.say(`\n    ${ui.talk.bold(print)}\n`);
    ui.note(
      `The partner runs: symbolon partner accept ${basename(out ?? `${card.id}.card`)}, and types it as you read it out.`,
    );
    const json = { ...summaryOf(card), file: out ?? null, card: JSON.parse(cardFile) as unknown };
    return { json, text: out === undefined ? cardFile.trimEnd() : out };
  },
};

/** `symbolon partner accept`: takes a partner's card, after its fingerprint was compared. */
export const accept: Leaf<{ fingerprint?: string }> = {
  name: 'accept <card>',
  summary: "take a partner's card, after comparing its fingerprint",
  description:
    "Takes a partner's card. Get its fingerprint from the partner by another way than the card, best by telephone: only the\n" +
    'comparison proves that the card is theirs.',
  examples: ['symbolon partner accept sally.card --fingerprint 7Q0M-…-… (as Sally reads it out)'],
  options: (command) => command.option('--fingerprint <fingerprint>', 'as the partner reads it out'),
  run: async ({ ui, home }, [file], options) => {
    const own = openHome(home);
    const text = readFileSync(file!, 'utf8');
    const card = cardIn(text, file!);
    const print = printOf(card);
    const told = options.fingerprint ?? (ui.interactive ? await ask(card, ui.talk) : undefined);
    if (told === undefined) {
      throw new UsageError(
        `nobody has compared the fingerprint of ${card.id}`,
        `Ask ${card.name} for its fingerprint by telephone, then give it with --fingerprint.`,
      );
    }
    if (!sameFingerprint(told, print)) {
      throw fault('hash-mismatch', `${file} is not the card with that fingerprint`, {
        culprit: card.id,
        hint: 'Have it read out again, group by group. If it still differs, the card was exchanged on its way: do not accept it.',
      });
    }
    const partner = await keep(own, text);
    ui.say(`${ui.talk.green('✔')} ${partner.name} is a partner now.`);
    return { json: partner, text: describe(partner) };
  },
};

/** `symbolon partner list`. */
export const list: Leaf<object> = {
  name: 'list',
  summary: 'the partners of this organisation',
  examples: ['symbolon partner list', 'symbolon partner list --json'],
  run: async ({ ui, home }) => {
    const partners = openHome(home).partners.list().map(summaryOf);
    if (partners.length === 0) {
      ui.say('No partners yet. Exchange cards: symbolon partner invite, symbolon partner accept.');
      return { json: [] };
    }
    const rows = partners.map(({ id, name, role, address, fingerprint }) => [id, name, role, address, fingerprint]);
    return { json: partners, text: table(['id', 'name', 'role', 'address', 'fingerprint'], rows) };
  },
};

/** The card in a file; an error names the file. */
function cardIn(text: string, file: string): Card {
  try {
    return parseCard(text);
  } catch (error) {
    if (!(error instanceof SymbolonError)) throw error;
    throw fault(error.code, `${file} is not a whole card: ${error.message}`, {
      culprit: file,
      hint: 'The partner writes it with: symbolon partner invite --out FILE. Pass it on byte for byte.',
      cause: error,
    });
  }
}

function printOf({ organisationKey }: Card): string {
  return fingerprint(fromBase64url(organisationKey));
}

function describe({ id, name, role, address, fingerprint }: PartnerSummary): string {
  return facts([
    ['id', id],
    ['name', name],
    ['role', role],
    ['address', address],
    ['fingerprint', fingerprint],
  ]);
}

async function ask(card: Card, ink: { bold(text: string): string }): Promise<string | undefined> {
  const { isCancel, text } = await import('@clack/prompts');
  const message = `Fingerprint that ${ink.bold(card.name)} reads out over the telephone`;
  const answer = await text({ message, output: process.stderr });
  return isCancel(answer) ? undefined : answer;
}

/** Through the running server, if there is one, so that it knows the partner at once. */
export async function keep(home: Home, card: string): Promise<PartnerSummary> {
  const client = apiClient(localClient(home));
  try {
    return await client.call(addPartner, { body: { card } });
  } catch (error) {
    if (!isNotRunning(error)) throw error;
    return summaryOf(home.partners.add(card));
  } finally {
    await client.close();
  }
}

/** Whether an error of `localClient` says that no server runs for this home. */
export function isNotRunning(error: unknown): boolean {
  if (!(error instanceof SymbolonError) || !(error.cause instanceof Error) || !('code' in error.cause)) return false;
  return error.cause.code === 'ENOENT' || error.cause.code === 'ECONNREFUSED';
}
