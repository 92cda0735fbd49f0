import { readFileSync } from 'node:fs';
import { centreApi as api } from '@symbolon/registry';
import { everyItem } from '@symbolon/service';
import type { z } from 'zod';
import type { Leaf } from '../command.ts';
import { withServer } from '../server.ts';
import { facts, table } from '../ui.ts';

type Study = z.output<typeof api.getRegistryStudy.answer>;

const ask: Leaf<{ title: string; purpose: string }> = {
  name: 'ask <module> <file>',
  summary: 'ask for a study: one SELECT of aggregates over the record types of a module',
  description:
    'It runs once others have approved it. Patients see title and purpose of studies that used their records.',
  examples: [
    'symbolon centre research ask hips scores.sql --title "Scores after a year" --purpose "Compare two implants"',
  ],
  served: true,
  options: (command) =>
    command.requiredOption('--title <text>', 'a short name').requiredOption('--purpose <text>', 'what it is for'),
  run: async ({ at }, [module, file], { title, purpose }) => {
    const body = { module: module!, title, purpose, sql: readFileSync(file!, 'utf8').trim() };
    return shown(await withServer(at.home, at, (client) => client.call(api.askRegistryStudy, { body })));
  },
};

const list: Leaf<object> = {
  name: 'list',
  summary: 'studies of researchers',
  examples: ['symbolon centre research list'],
  served: true,
  run: async ({ ui, at }) => {
    const found = await withServer(at.home, at, async (client) => {
      const items: Study[] = [];
      const pages = (after?: string) =>
        client.call(api.listRegistryStudies, { query: after === undefined ? {} : { after } });
      for await (const one of everyItem(pages)) items.push(one);
      return items;
    });
    if (found.length === 0) ui.say('No studies.');
    const rows = found.map((one) => [one.id, one.module, one.state, one.askedBy, one.approvedBy.join(', '), one.title]);
    const head = ['study', 'module', 'state', 'asked by', 'approved by', 'title'];
    return { json: found, text: found.length === 0 ? '' : table(head, rows) };
  },
};

const show: Leaf<object> = {
  name: 'show <study>',
  summary: 'a study, and what it released',
  examples: ['symbolon centre research show 3q2-7wAAAAAAAAAAAAAAAA'],
  served: true,
  run: async ({ at }, [study]) =>
    shown(await withServer(at.home, at, (client) => client.call(api.getRegistryStudy, { params: { study: study! } }))),
};

function deciding(name: 'approve' | 'refuse', approves: boolean): Leaf<object> {
  return {
    name: `${name} <study>`,
    summary: `${name} a study that somebody else asked for`,
    examples: [`symbolon centre research ${name} 3q2-7wAAAAAAAAAAAAAAAA`],
    served: true,
    run: async ({ at }, [study]) => {
      const input = { params: { study: study! }, body: { approves } };
      return shown(await withServer(at.home, at, (client) => client.call(api.decideRegistryStudy, input)));
    },
  };
}

const run: Leaf<object> = {
  name: 'run <study>',
  summary: 'run an approved study, once',
  examples: ['symbolon centre research run 3q2-7wAAAAAAAAAAAAAAAA --json'],
  served: true,
  run: async ({ at }, [study]) =>
    shown(await withServer(at.home, at, (client) => client.call(api.runRegistryStudy, { params: { study: study! } }))),
};

function shown(study: Study) {
  const { id, module, title, purpose, sql, state, askedBy, approvedBy, result } = study;
  const head = facts([
    ['study', id],
    ['of', module],
    ['title', title],
    ['purpose', purpose],
    ['asked by', askedBy],
    ['approved by', approvedBy.join(', ') || '–'],
    ['state', state],
  ]);
  const rows = result?.rows.map((row) => row.map((value) => value ?? '–')) ?? [];
  const body = result === null ? sql : table(result.columns, rows);
  return { json: study, text: `${head}\n\n${body}` };
}

/** `symbolon centre research`. */
export const research = [ask, list, show, deciding('approve', true), deciding('refuse', false), run] as Leaf<object>[];
