import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { followRun, sealed } from '@symbolon/party';
import { everyItem } from '@symbolon/service';
import type { z } from 'zod';
import type { Leaf } from '../command.ts';
import { progressFor } from '../progress.ts';
import { askSecret } from '../secrets.ts';
import { withServer } from '../server.ts';
import { facts, table, UsageError } from '../ui.ts';
import { writeWhole } from '../whole-file.ts';
import { progressLine } from './link.ts';

type Key = z.output<typeof sealed.makeSealKey.answer>;

/** A number that a list shows. */
export function numberOf(typed: string, of: 'key' | 'table' | 'question' | 'run'): number {
  if (/^\d{1,9}$/.test(typed)) return Number(typed);
  throw new UsageError(`a ${of} has a number, not '${typed}'`, 'See: symbolon seal list');
}

/** A new passphrase, typed twice where it is typed. */
async function newPassphrase(prompt: string): Promise<string> {
  const passphrase = await askSecret(prompt);
  if (!process.stdin.isTTY || passphrase === (await askSecret(`${prompt} again`))) return passphrase;
  throw new UsageError('the two passphrases differ');
}

/** `symbolon seal keygen`. */
export const keygen: Leaf<{ agreement: string; scores?: true }> = {
  name: 'keygen',
  summary: 'make a key for encrypted tables of an agreement; its secret is kept under a passphrase',
  description:
    'Asks for a passphrase, on the terminal or from stdin. Nobody can open the key without it, and nobody can restore it: what is encrypted under a lost key has to be encrypted again.',
  served: true,
  examples: ['symbolon seal keygen --agreement 3kQx9a', 'symbolon seal keygen --agreement 3kQx9a --scores'],
  options: (command) =>
    command
      .requiredOption('--agreement <hash>', 'the agreement that lets another compute')
      .option('--scores', 'for tables from which scores of patients are computed, and no totals'),
  run: async ({ ui, home, at }, _, { agreement, scores }) => {
    const kind = scores === true ? 'features' : 'exact';
    const passphrase = await newPassphrase('Passphrase');
    const key = await withServer(home, at, (client) =>
      client.call(sealed.makeSealKey, { body: { agreement, kind, passphrase } }),
    );
    const features = scores === true ? ' --features COLUMN,COLUMN' : '';
    const afterwards = (): void =>
      ui.note(`Next: symbolon seal encrypt TABLE --key ${key.id} --agreement ${agreement}${features}`);
    return { json: key, text: keyText(key), afterwards };
  },
};

/** `symbolon seal unlock`. */
export const unlock: Leaf<object> = {
  name: 'unlock <key>',
  summary: 'open a key with its passphrase, until nobody has used it for a while',
  description: 'Asks for the passphrase, on the terminal or from stdin.',
  served: true,
  examples: ['symbolon seal unlock 1'],
  run: async ({ home, at }, [typed]) => {
    const key = numberOf(typed!, 'key');
    const passphrase = await askSecret('Passphrase');
    const opened = await withServer(home, at, (client) =>
      client.call(sealed.unlockSealKey, { params: { key }, body: { passphrase } }),
    );
    return { json: opened, text: keyText(opened) };
  },
};

/** `symbolon seal lock`. */
export const lock: Leaf<object> = {
  name: 'lock <key>',
  summary: 'forget the secret of a key',
  served: true,
  examples: ['symbolon seal lock 1'],
  run: async ({ ui, home, at }, [typed]) => {
    const key = numberOf(typed!, 'key');
    await withServer(home, at, (client) => client.call(sealed.lockSealKey, { params: { key } }));
    ui.say(`${ui.talk.green('✔')} Locked: key ${key}.`);
    return { json: { key } };
  },
};

/** `symbolon seal rotate`. */
export const rotate: Leaf<{ to?: string }> = {
  name: 'rotate <key>',
  summary: 'move all tables of a key to another, then destroy it; or go on with that',
  description:
    'Makes another key and encrypts every table again under it: from the rows where they are still the same, else from what the server has. Asks for the passphrase of the old key, ' +
    'and for a new one. If it breaks off, say which key it was: --to KEY.',
  endsOnSignal: true,
  served: true,
  examples: ['symbolon seal rotate 1', 'symbolon seal rotate 1 --to 2'],
  options: (command) => command.option('--to <key>', 'a key that is there'),
  run: async ({ ui, home, at, cleanup }, [typed], { to: typedTo }) => {
    const key = numberOf(typed!, 'key');
    const old = await askSecret(`Passphrase of key ${key}`);
    const fresh = await (typedTo === undefined
      ? newPassphrase('New passphrase')
      : askSecret(`Passphrase of key ${typedTo}`));
    const progress = progressFor(ui);
    const to = await withServer(home, at, async (client) => {
      const { agreement, kind } = await client.call(sealed.unlockSealKey, {
        params: { key },
        body: { passphrase: old },
      });
      const next =
        typedTo === undefined
          ? await client.call(sealed.makeSealKey, { body: { agreement, kind, passphrase: fresh } })
          : await client.call(sealed.unlockSealKey, {
              ...{ params: { key: numberOf(typedTo, 'key') }, body: { passphrase: fresh } },
            });
      ui.note(`The tables of key ${key} move to key ${next.id}.`);
      await progress.step('Tables moved', (update) =>
        followRun(client, () => client.call(sealed.rotateSealKey, { params: { key }, body: { to: next.id } }), {
          signal: cleanup.signal,
          onProgress: (event) => update(progressLine(event)),
        }),
      );
      return next.id;
    });
    return { json: { from: key, to }, text: facts([['moved', `key ${key} to key ${to}; key ${key} is destroyed`]]) };
  },
};

/** `symbolon seal countersign`. */
export const countersignFile: Leaf<{ out: string }> = {
  name: 'countersign <file>',
  summary: 'for whoever runs a compute server: sign an agreement that names it',
  description: 'Reads an agreement that its owner exported and signs it with the key of the compute server in --home.',
  examples: ['symbolon seal countersign agreement.json --out signed.json --home ./compute'],
  options: (command) => command.requiredOption('--out <file>', 'where the signed agreement goes'),
  run: async ({ ui, home, cleanup }, [file], { out }) => {
    const { countersign } = await import('@symbolon/compute');
    const signed = await countersign(home, readFileSync(resolve(file!)));
    await writeWhole(out, one(Buffer.from(signed).toString('utf8')), cleanup);
    ui.say(`Written: ${out}. Its owner takes it in: symbolon agreement receive ${out}`);
    return { json: { file: out } };
  },
};

async function* one(text: string): AsyncGenerator<string> {
  yield text;
}

/** `symbolon seal list`. */
export const list: Leaf<object> = {
  name: 'list',
  summary: 'keys, encrypted tables, questions and their runs',
  served: true,
  examples: ['symbolon seal list'],
  run: async ({ ui, home, at }) => {
    const found = await withServer(home, at, async (client) => ({
      keys: await all((after) => client.call(sealed.listSealKeys, { query: { after } })),
      tables: await all((after) => client.call(sealed.listSealedTables, { query: { after } })),
      questions: await all((after) => client.call(sealed.listSealedQuestions, { query: { after } })),
      runs: await all((after) => client.call(sealed.listSealedRuns, { query: { after } })),
    }));
    const { keys, tables, questions, runs } = found;
    if (keys.length === 0) ui.say('No keys yet. Make one: symbolon seal keygen --agreement HASH');
    const parts = [
      ['key', 'for', 'state', 'secret', 'tables'],
      ['table', 'name', 'for', 'key', 'state', 'rows'],
      ['question', 'table', 'approved', 'text'],
      ['run', 'question', 'state', 'started', 'error'],
    ];
    const rows = [
      keys.map(({ id, kind, state, open, tables: own }) => [
        id,
        forWords[kind],
        state,
        open ? 'open' : 'locked',
        own.join(', '),
      ]),
      tables.map(({ id, name, kind, key, state, rows: count }) => [id, name, forWords[kind], key, state, count ?? '']),
      questions.map(({ id, table: name, approvals, approvalsNeeded, text }) => [
        ...[id, name, `${approvals.length} of ${approvalsNeeded}`, text.replaceAll(/\s+/g, ' ').slice(0, 60)],
      ]),
      runs.map(({ id, question, state, startedAt, error }) => [
        id,
        question,
        state,
        startedAt.slice(0, 16),
        error?.split(':', 1)[0] ?? '',
      ]),
    ];
    const text = parts.flatMap((columns, i) => (rows[i]!.length === 0 ? [] : [table(columns, rows[i]!)]));
    return { json: found, text: text.join('\n\n') };
  },
};

async function all<Item>(
  page: (after: string | undefined) => Promise<{ items: Item[]; next: string | null }>,
): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of everyItem(page)) items.push(item);
  return items;
}

/** What a key or a table is for. */
const forWords = { exact: 'totals', features: 'scores' } as const;

function keyText({ id, kind, state, open, tables, agreement }: Key): string {
  return facts([
    ['key', String(id)],
    ['for', forWords[kind]],
    ['state', `${state}, ${open ? 'open' : 'locked'}`],
    ['agreement', agreement],
    ['tables', tables.length === 0 ? 'none' : tables.join(', ')],
  ]);
}
