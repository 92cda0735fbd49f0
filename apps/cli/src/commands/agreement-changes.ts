import type { AgreementInfo } from '@symbolon/party';
import { ownerId } from '@symbolon/service';
import { stateText } from '../agreement-state.ts';
import { agreementText } from '../agreement-text.ts';
import type { Leaf } from '../command.ts';
import { withView } from '../organisation.ts';
import { table } from '../ui.ts';
import { readWrittenFile } from '../written-file.ts';

interface Reason {
  reason: string;
}

/** A command by which this organisation says something of an agreement by itself. */
function saying(
  action: 'suspend' | 'resume' | 'revoke' | 'decline' | 'lapse',
  summary: string,
  description: string,
): Leaf<Reason> {
  return {
    name: `${action} <agreement>`,
    summary,
    description,
    examples: [`symbolon agreement ${action} 3kQx9a --reason "${examples[action]}"`],
    options: (command) => command.requiredOption('--reason <words>', 'why; all parties are told'),
    served: true,
    run: async ({ ui, at }, [hash], { reason }) => {
      const info = await withView(at, ({ agreements }) => agreements[action](hash!, { reason, person: ownerId }));
      ui.say(`${ui.talk.green('✔')} "${info.title}" is ${info.state}.`);
      return { json: info, text: stateText(info) };
    },
  };
}

const examples = {
  suspend: 'The ethics board meets again',
  resume: 'The ethics board agreed',
  revoke: 'The project is over',
  lapse: 'The project ends with this year',
  decline: 'The purpose is too wide',
} as const;

/** `symbolon agreement suspend`. */
export const suspend = saying(
  'suspend',
  'put it to rest until this organisation resumes it',
  'Nothing runs under the agreement from this moment on, and what runs ends. All other parties are told. Only this organisation can resume it.',
);
/** `symbolon agreement resume`. */
export const resume = saying(
  'resume',
  'end a suspension by this organisation',
  'What this organisation suspended goes on.',
);
/** `symbolon agreement lapse`. */
export const lapse = saying(
  'lapse',
  'say that this organisation does not want it renewed',
  'An agreement with a renewal goes on by so many months each time its term ends, unless a party says so many days before that it is not to.',
);
/** `symbolon agreement revoke`. */
export const revoke = saying(
  'revoke',
  'end it for good: nothing runs or opens under it any more',
  'Ends the agreement at once and for good, without the other parties, who are told. What runs under it ends; no result opens or is kept after.',
);
/** `symbolon agreement decline`. */
export const decline = saying(
  'decline',
  'say that this organisation will not sign it',
  'Says no to a proposal; its author is told why. To ask for something else: symbolon agreement counter',
);

/** `symbolon agreement counter`. */
export const counter: Leaf<{ with: string }> = {
  name: 'counter <agreement>',
  summary: 'answer a proposal with a changed version of it',
  description:
    'Drafts a version of a proposal in which the fields of a YAML or JSON file stand in the place of its own (null takes a field out). Then check, sign and send it\n' +
    'as any other; once all have signed it, it stands in the place of the proposal.',
  examples: ['symbolon agreement counter 3kQx9a --with changes.yaml'],
  options: (command) =>
    command.requiredOption('--with <file>', 'the fields that change, as `agreement show --json` has them'),
  served: true,
  run: async ({ ui, at }, [hash], { with: file }) => {
    const changes = readWrittenFile(file);
    const info = await withView(at, ({ agreements }) => agreements.counter(hash!, changes));
    const short = info.hash.slice(0, 8);
    const afterwards = (): void => ui.note(`Next: symbolon agreement check ${short}; then sign and send it.`);
    return { json: info, text: agreementText(info), afterwards };
  },
};

/** `symbolon agreement history`. */
export const history: Leaf<object> = {
  name: 'history <agreement>',
  summary: 'every change of its state, with who, why, and the entry of the log',
  examples: ['symbolon agreement history 3kQx9a'],
  served: true,
  run: async ({ at }, [hash]) => {
    const changes = await withView(at, ({ agreements }) => agreements.history(hash!));
    const rows = changes.map(({ at, what, by, person, reason, version, log }) => [
      `${at.slice(0, 16).replace('T', ' ')}Z`,
      what,
      [by ?? '–', ...(person === null ? [] : [`(${person})`])].join(' '),
      [...(reason === null ? [] : [reason]), ...(version === null ? [] : [version.slice(0, 8)])].join('; '),
      log === null ? '–' : log.epoch === 1 ? String(log.index) : `${log.epoch}/${log.index}`,
    ]);
    return { json: changes, text: table(['when', 'what', 'who', 'why', 'log'], rows) };
  },
};

/** The agreement as a list shows it: who stopped it, if anybody has. */
export function stateInList({ state, notices }: Pick<AgreementInfo, 'state' | 'notices'>): string {
  return notices.length === 0 ? state : `${state} by ${[...new Set(notices.map(({ by }) => by))].join(', ')}`;
}
