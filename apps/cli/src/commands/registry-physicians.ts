import { type PhysicianState, physicianStates } from '@symbolon/consent';
import { moduleApi as api } from '@symbolon/registry';
import { everyItem } from '@symbolon/service';
import type { z } from 'zod';
import type { Leaf } from '../command.ts';
import { withServer } from '../server.ts';
import { facts, table, UsageError } from '../ui.ts';

type Physician = z.output<typeof api.decidePhysician.answer>;

const list: Leaf<{ state?: string }> = {
  name: 'list',
  summary: 'physicians of a registry, and who waits to be vetted',
  examples: ['symbolon registry physician list --state waiting'],
  served: true,
  options: (command) => command.option('--state <state>', `only those who are ${physicianStates.join(', ')}`),
  run: async ({ ui, at }, _, { state }) => {
    const wanted = state === undefined ? {} : { state: knownState(state) };
    const all = await withServer(at.home, at, async (client) => {
      const found: Physician[] = [];
      const pages = (after?: string) =>
        client.call(api.listPhysicians, { query: { ...wanted, ...(after === undefined ? {} : { after }) } });
      for await (const one of everyItem(pages)) found.push(one);
      return found;
    });
    if (all.length === 0) ui.say('No physicians: they apply at an installation of the client.');
    const rows = all.map((one) => [one.id, one.name ?? '–', one.state, one.changedAt.slice(0, 10)]);
    return { json: all, text: all.length === 0 ? '' : table(['id', 'name', 'state', 'since'], rows) };
  },
};

const show: Leaf<object> = {
  name: 'show <physician>',
  summary: 'a physician, with whom the certificates name: compare them before you vet',
  examples: ['symbolon registry physician show 3q2-7wAAAAAAAAAAAAAAAA'],
  served: true,
  run: async ({ at }, [physician]) => {
    const params = { physician: physician! };
    const found = await withServer(at.home, at, (client) => client.call(api.showPhysician, { params }));
    const certificates = found.certificates.map((one): [string, string] => [
      'certificate',
      `${one.subject} (${one.thumbprint})`,
    ]);
    return { json: found, text: facts([...factsOf(found), ...certificates]) };
  },
};

function deciding(name: string, state: 'vetted' | 'suspended' | 'excluded', summary: string): Leaf<object> {
  return {
    name: `${name} <physician>`,
    summary,
    examples: [`symbolon registry physician ${name} 3q2-7wAAAAAAAAAAAAAAAA`],
    served: true,
    run: async ({ at }, [physician]) => {
      const input = { params: { physician: physician! }, body: { state } };
      return shown(await withServer(at.home, at, (client) => client.call(api.decidePhysician, input)));
    },
  };
}

const join: Leaf<object> = {
  name: 'join <application> <physician>',
  summary: 'who applied with a new card is this physician: the card counts too',
  examples: ['symbolon registry physician join 9fJxAAAAAAAAAAAAAAAAAA 3q2-7wAAAAAAAAAAAAAAAA'],
  served: true,
  run: async ({ at }, [application, physician]) => {
    const input = { params: { physician: physician! }, body: { application: application! } };
    return shown(await withServer(at.home, at, (client) => client.call(api.joinPhysician, input)));
  },
};

const drop: Leaf<object> = {
  name: 'drop <physician> <certificate>',
  summary: "a physician's card counts no more",
  description: 'Name the certificate by its thumbprint, as `symbolon registry physician show` prints it.',
  examples: ['symbolon registry physician drop 3q2-7wAAAAAAAAAAAAAAAA 47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'],
  served: true,
  run: async ({ at }, [physician, thumbprint]) => {
    const params = { physician: physician!, thumbprint: thumbprint! };
    await withServer(at.home, at, (client) => client.call(api.dropPhysicianCertificate, { params }));
    return { json: params };
  },
};

/** `symbolon registry physician …`. */
export const physician = [
  list,
  show,
  deciding('vet', 'vetted', 'let a physician take part; the central server is told'),
  deciding('suspend', 'suspended', 'a physician takes no part until vetted again; sessions end at once'),
  deciding('exclude', 'excluded', 'a physician takes no part any more, for good'),
  join,
  drop,
] as Leaf<object>[];

function shown(physician: Physician) {
  return { json: physician, text: facts(factsOf(physician)) };
}

function factsOf({ id, name, state, changedAt }: Physician): [string, string][] {
  return [
    ['physician', id],
    ['name', name ?? '–'],
    ['state', `${state} since ${changedAt.slice(0, 16)}`],
  ];
}

function knownState(text: string): PhysicianState {
  const state = physicianStates.find((one) => one === text);
  if (state !== undefined) return state;
  throw new UsageError(`'${text}' is no state of a physician`, `States are: ${physicianStates.join(', ')}.`);
}
