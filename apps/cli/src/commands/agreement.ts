import { readFileSync, writeFileSync } from 'node:fs';
import type { AgreementInfo } from '@symbolon/party';
import { stateText } from '../agreement-state.ts';
import { agreementText } from '../agreement-text.ts';
import type { Leaf } from '../command.ts';
import { withView } from '../organisation.ts';
import { facts, number, type Outcome, table, UsageError } from '../ui.ts';
import { stateInList } from './agreement-changes.ts';

/** `symbolon agreement sign`. */
export const sign: Leaf<object> = {
  name: 'sign <agreement>',
  summary: 'sign it: from then on it binds this organisation',
  served: true,
  examples: ['symbolon agreement sign 3kQx9a'],
  run: async ({ ui, at }, [hash]) => {
    const info = await withView(at, ({ agreements }) => agreements.sign(hash!));
    ui.say(`${ui.talk.green('✔')} Signed. ${signedBy(info)} Next: symbolon agreement send ${info.hash.slice(0, 8)}`);
    return outcome(info);
  },
};

/** `symbolon agreement approve`. */
export const approve: Leaf<{ link?: true; alerts?: true; withdraw?: true }> = {
  name: 'approve <agreement>',
  summary: 'agree that it is signed here, where it asks for two people',
  description:
    'An agreement may ask that two people of an organisation agree before it is signed: one approves it, the other signs. With --link, approves\n' +
    'that its link is run, where it asks for that; with --alerts, that this organisation tells partners of events.',
  served: true,
  examples: [
    'symbolon agreement approve 3kQx9a',
    'symbolon agreement approve 3kQx9a --link',
    'symbolon agreement approve 3kQx9a --alerts',
  ],
  options: (command) =>
    command
      .option('--link', 'approve its link instead')
      .option('--alerts', 'approve its alerts instead')
      .option('--withdraw', 'take all such approvals back'),
  run: async ({ ui, at }, [hash], { link, alerts, withdraw }) => {
    if (link === true && alerts === true) throw new UsageError('--link and --alerts are two approvals', 'Give one.');
    const what = link === true ? 'link' : alerts === true ? 'alerts' : 'sign';
    const info = await withView(at, ({ agreements }) =>
      withdraw === true ? agreements.withdrawApproval(hash!, what) : agreements.approve(hash!, what),
    );
    ui.say(`${ui.talk.green('✔')} ${withdraw === true ? 'Taken back' : 'Approved'}.`);
    return outcome(info);
  },
};

/** `symbolon agreement send`. */
export const send: Leaf<{ out?: string }> = {
  name: 'send <agreement>',
  summary: "send it, with the signatures it has, to the partner's server",
  description:
    "Sends a signed agreement to the servers of all other parties; the partner's server must be running. With --out it goes to a file\n" +
    'instead, for: symbolon agreement receive FILE',
  served: true,
  examples: ['symbolon agreement send 3kQx9a', 'symbolon agreement send 3kQx9a --out shared.agreement'],
  options: (command) => command.option('--out <file>', 'write it to a file instead'),
  run: async ({ ui, at }, [hash], { out }) => {
    const info = await withView(at, async ({ agreements }) => {
      if (out === undefined) await agreements.send(hash!);
      else writeFileSync(out, await agreements.export(hash!), { flag: 'wx' });
      return agreements.show(hash!);
    });
    ui.say(`${ui.talk.green('✔')} ${out === undefined ? 'Sent' : `Written to ${out}`}. ${next(info)}`);
    return outcome(info);
  },
};

/** `symbolon agreement receive`. */
export const receive: Leaf<object> = {
  name: 'receive <file>',
  summary: 'take an agreement that a partner handed over as a file',
  served: true,
  examples: ['symbolon agreement receive shared.agreement'],
  run: async ({ ui, at }, [file]) => {
    const info = await withView(at, ({ agreements }) => agreements.receive(readFileSync(file!)));
    ui.say(`${ui.talk.green('✔')} Received. ${next(info)}`);
    return outcome(info);
  },
};

/** `symbolon agreement show`. */
export const show: Leaf<object> = {
  name: 'show <agreement>',
  summary: 'an agreement in words',
  description:
    'Shows an agreement in words. AGREEMENT is its hash, or its first six or more characters, here and everywhere.',
  served: true,
  examples: ['symbolon agreement show 3kQx9a'],
  run: async ({ at }, [hash]) => {
    const info = await withView(at, ({ agreements }) => agreements.show(hash!));
    return { json: info, text: `${stateText(info)}\n\n${agreementText(info)}` };
  },
};

/** `symbolon agreement list`. */
export const list: Leaf<object> = {
  name: 'list',
  summary: 'all agreements, with who has signed',
  served: true,
  examples: ['symbolon agreement list'],
  run: async ({ ui, at }) => {
    const infos = await withView(at, ({ agreements }) => agreements.list());
    if (infos.length === 0) {
      ui.say('No agreements yet. See: symbolon agreement draft --help');
      return { json: [] };
    }
    const rows = infos.map((info) => [
      info.hash.slice(0, 8),
      info.title,
      stateInList(info),
      // Each study has a count of its own: `study list`.
      info.agreement.link === undefined ? '–' : number(info.runsLeft),
      info.signedBy.join(', '),
      info.missing.join(', '),
    ]);
    return { json: infos, text: table(['agreement', 'title', 'state', 'runs left', 'signed by', 'missing'], rows) };
  },
};

/** `symbolon agreement discard`. */
export const discard: Leaf<object> = {
  name: 'discard <agreement>',
  summary: "delete a draft, or a partner's proposal; what is signed here stays",
  served: true,
  examples: ['symbolon agreement discard 3kQx9a'],
  run: async ({ ui, at }, [hash]) => {
    const info = await withView(at, ({ agreements }) => agreements.discard(hash!));
    ui.say(`${ui.talk.green('✔')} "${info.title}" is gone.`);
    return outcome(info);
  },
};

/** After a step: the agreement in three lines. */
function outcome(info: AgreementInfo): Outcome {
  const { hash, title, signedBy, missing } = info;
  const signed = missing.length === 0 ? 'all' : signedBy.join(', ') || 'nobody';
  return {
    json: info,
    text: facts([
      ['agreement', hash],
      ['title', title],
      ['signed by', signed],
    ]),
  };
}

/** What comes next for an agreement, in a sentence. */
function next({ missing, hash, as }: AgreementInfo): string {
  const signed = signedBy({ missing });
  return missing.length > 0 || as === null ? signed : `${signed} Next: symbolon link run ${hash.slice(0, 8)}`;
}

function signedBy({ missing }: Pick<AgreementInfo, 'missing'>): string {
  return missing.length > 0 ? `Not signed yet by ${missing.join(', ')}.` : 'All have signed.';
}
