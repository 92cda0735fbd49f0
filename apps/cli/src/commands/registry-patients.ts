import { moduleApi as api } from '@symbolon/registry';
import type { z } from 'zod';
import type { Leaf } from '../command.ts';
import { oneOf } from '../link-options.ts';
import { withServer } from '../server.ts';
import { facts, table, UsageError } from '../ui.ts';
import { wholeNumber } from './registry.ts';

type Change = z.output<typeof api.undoIdentityChange.answer>;

const list: Leaf<object> = {
  name: 'list',
  summary: 'identities that may be one person, and wait for a decision: the oldest 100',
  examples: ['symbolon registry review list'],
  served: true,
  run: async ({ ui, at }) => {
    const { items } = await withServer(at.home, at, (client) => client.call(api.listDuplicates, { query: {} }));
    if (items.length === 0) ui.say('Nothing to review.');
    const rows = items.flatMap(({ id, score, reasons, people }) =>
      people.map(({ patient, person }, i) => [
        ...(i === 0 ? [String(id), `${score / 10} %`] : ['', '']),
        ...[String(patient), inWords(person), i === 0 ? inWords(reasons) : ''],
      ]),
    );
    const head = ['number', 'alike', 'patient', 'person', 'why'];
    return { json: items, text: items.length === 0 ? '' : table(head, rows) };
  },
};

const merge: Leaf<object> = {
  name: 'merge <patient> <into>',
  summary: 'two patients are one, who is named as the second from here on; the central server is told',
  examples: ['symbolon registry review merge 17 4'],
  served: true,
  run: async ({ at }, [patient, into]) => {
    const input = { params: { patient: wholeNumber(patient!) }, body: { into: wholeNumber(into!) } };
    return changed(await withServer(at.home, at, (client) => client.call(api.mergePatients, input)));
  },
};

const split: Leaf<object> = {
  name: 'split <patient> <identities...>',
  summary: "some identities of a patient are somebody else's; the central server is told",
  description: 'Cards and consents of both end at the central server, as nobody knows whose they are.',
  examples: ['symbolon registry review split 4 17'],
  served: true,
  run: async ({ at }, [patient, ...identities]) => {
    const input = { params: { patient: wholeNumber(patient!) }, body: { identities: identities.map(wholeNumber) } };
    return changed(await withServer(at.home, at, (client) => client.call(api.splitPatient, input)));
  },
};

const dismiss: Leaf<object> = {
  name: 'dismiss <number>',
  summary: 'they are two people',
  examples: ['symbolon registry review dismiss 3'],
  served: true,
  run: async ({ at }, [duplicate]) => {
    const params = { duplicate: wholeNumber(duplicate!) };
    await withServer(at.home, at, (client) => client.call(api.dismissDuplicate, { params }));
    return { json: params };
  },
};

const history: Leaf<object> = {
  name: 'history',
  summary: 'merges and splits, the oldest first',
  examples: ['symbolon registry review history'],
  served: true,
  run: async ({ at }) => {
    const { items } = await withServer(at.home, at, (client) =>
      client.call(api.listIdentityChanges, { query: { limit: 1000 } }),
    );
    const rows = items.map((one) => [
      ...[String(one.id), one.at.slice(0, 16), one.kind, String(one.from), String(one.to), one.by],
      one.undoneBy === null ? '' : `taken back by ${one.undoneBy}`,
    ]);
    return { json: items, text: table(['number', 'at', 'what', 'from', 'to', 'by', ''], rows) };
  },
};

const undo: Leaf<object> = {
  name: 'undo <number>',
  summary: 'take a merge or split back; the central server is told',
  examples: ['symbolon registry review undo 5'],
  served: true,
  run: async ({ at }, [change]) => {
    const params = { change: wholeNumber(change!) };
    return changed(await withServer(at.home, at, (client) => client.call(api.undoIdentityChange, { params })));
  },
};

/** `symbolon registry review …`. */
export const review: readonly Leaf<object>[] = [list, merge, split, dismiss, history, undo];

const find: Leaf<{ field: string[] }> = {
  name: 'find',
  summary: 'patients who are like a person, whatever was mistyped; the log says who searched',
  examples: ['symbolon registry patient find --field lastName=Muller birthDate=1950-03-12'],
  served: true,
  options: (command) => command.requiredOption('--field <name=value...>', 'what is known of the person'),
  run: async ({ at }, _, { field }) => {
    const body = { person: Object.fromEntries(field.map(pair)), limit: 20 };
    const found = await withServer(at.home, at, (client) => client.call(api.searchPatients, { body }));
    const rows = found.map(({ patient, score, person }) => [String(patient), `${score / 10} %`, inWords(person)]);
    return { json: found, text: table(['patient', 'alike', 'person'], rows) };
  },
};

const show: Leaf<object> = {
  name: 'show <patient>',
  summary: 'a patient: identities, cards, physicians; the log says who looked',
  examples: ['symbolon registry patient show 4'],
  served: true,
  run: async ({ at }, [patient]) => {
    const params = { patient: wholeNumber(patient!) };
    const found = await withServer(at.home, at, (client) => client.call(api.showPatient, { params }));
    const { identities, cards, physicians } = found;
    const text = facts([
      ...identities.map(({ identity, person }): [string, string] => [`identity ${identity}`, inWords(person)]),
      ...cards.map(({ thumbprint, state }): [string, string] => [`card, ${state}`, thumbprint]),
      ['physicians', physicians.join(', ')],
    ]);
    return { json: found, text };
  },
};

function exercising(name: 'withdraw' | 'object' | 'erase', summary: string): Leaf<object> {
  return {
    name: `${name} <patient>`,
    summary,
    description: `${summary[0]!.toUpperCase()}${summary.slice(1)}. Verify first that the person who asks is the patient.`,
    examples: [`symbolon registry patient ${name} 4`],
    served: true,
    run: async ({ at }, [patient]) => {
      const input = { params: { patient: wholeNumber(patient!) }, body: { right: name } };
      await withServer(at.home, at, (client) => client.call(api.exercisePatientsRight, input));
      return { json: { patient: input.params.patient, right: name } };
    },
  };
}

const endCard: Leaf<object> = {
  name: 'end-card <card>',
  summary: "a patient's card counts no more at the module: it was lost or replaced",
  examples: ['symbolon registry patient end-card 47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'],
  served: true,
  run: async ({ at }, [thumbprint]) => {
    const params = { thumbprint: thumbprint! };
    await withServer(at.home, at, (client) => client.call(api.endPatientsCard, { params }));
    return { json: params };
  },
};

const confirm: Leaf<object> = {
  name: 'confirm <relation> <operation>',
  summary: 'you know that the person of this relation is who asks for this: within ten minutes it needs no card, once',
  examples: ['symbolon registry patient confirm 3q2-7wAAAAAAAAAAAAAAAA withdraw'],
  served: true,
  run: async ({ at }, [relation, operation]) => {
    const input = {
      params: { relation: relation! },
      body: { operation: oneOf('<operation>', operation!, api.confirmPerson.body!.shape.operation.options) },
    };
    await withServer(at.home, at, (client) => client.call(api.confirmPerson, input));
    return { json: { ...input.params, ...input.body } };
  },
};

const replacement: Leaf<{ refuse?: boolean }> = {
  name: 'replacement <relation>',
  summary: 'confirm that a card was replaced, asked for at this relation, or refuse it; the central server is told',
  examples: ['symbolon registry patient replacement 3q2-7wAAAAAAAAAAAAAAAA --refuse'],
  served: true,
  options: (command) => command.option('--refuse', 'the new card does not count'),
  run: async ({ at }, [relation], { refuse = false }) => {
    const input = {
      params: { relation: relation! },
      body: { decision: refuse ? ('refuse' as const) : ('confirm' as const) },
    };
    await withServer(at.home, at, (client) => client.call(api.decideReplacement, input));
    return { json: { relation, ...input.body } };
  },
};

/** `symbolon registry patient …`. */
export const patient = [
  find,
  show,
  exercising('withdraw', "end a patient's consent at the central server"),
  exercising('object', "leave a patient's records out of all studies from now on"),
  exercising('erase', 'erase all that central server and module have of a patient'),
  endCard,
  confirm,
  replacement,
] as Leaf<object>[];

function changed(change: Change) {
  const { id, kind, from, to } = change;
  const what = kind === 'merge' ? `patient ${from} is patient ${to}` : `patient ${to} was parted from patient ${from}`;
  return { json: change, text: `Change ${id}: ${what}.` };
}

function inWords(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([field, value]) => `${field} ${value}`)
    .join(', ');
}

function pair(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new UsageError(`'${text}' is not of the form name=value`, 'Write: --field lastName=Muller');
}
