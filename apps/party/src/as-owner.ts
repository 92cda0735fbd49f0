import { ownerOf, RequestLog } from '@symbolon/service';
import { authorizePerson } from './authorize.ts';
import type { PartyContext } from './context.ts';

type Opened = Pick<PartyContext, 'database' | 'log' | 'now'>;

/** For each method what the owner of the folder must be allowed to do; null where that is nothing, or the method asks by itself. */
type Needs = Readonly<Record<string, string | null>>;

export const agreementNeeds: Needs = {
  draft: null,
  draftStudies: null,
  draftText: null,
  describe: null,
  check: null,
  tryRule: null,
  tune: null,
  sign: 'agreement.sign',
  approve: 'agreement.approve',
  withdrawApproval: 'agreement.approve',
  suspend: 'agreement.suspend',
  resume: 'agreement.resume',
  revoke: 'agreement.revoke',
  decline: 'agreement.decline',
  lapse: 'agreement.lapse',
  heard: null,
  counter: null,
  history: null,
  discard: 'agreement.discard',
  send: 'agreement.send',
  receive: null,
  export: null,
  list: null,
  show: null,
  preview: null,
  textProblems: null,
  approvals: null,
  waiting: null,
  differences: null,
};

export const studyNeeds: Needs = {
  list: null,
  show: null,
  ask: 'study.ask',
  check: null,
  nameOf: null,
  bind: null,
  explain: null,
  approve: 'study.approve',
  withdraw: 'study.approve',
  store: null,
  runs: null,
  run: null,
  result: 'study.result',
  release: null,
  withdrawRelease: null,
  statement: null,
};

export const linkNeeds: Needs = {
  explain: null,
  list: null,
  show: null,
  matches: 'link.result',
  matchPage: 'link.result',
  release: null,
  withdrawRelease: null,
  statement: null,
};

export const marketNeeds: Needs = {
  offers: null,
  publish: 'market.publish',
  withdraw: 'market.publish',
  request: 'market.request',
  approve: 'market.answer',
  counter: 'market.answer',
  decline: 'market.answer',
  sendRequest: 'market.request',
  sendAnswer: 'market.answer',
  sendApproved: 'market.answer',
  fetch: 'agreement.receive',
  list: null,
  requests: null,
  show: null,
  uses: null,
  usage: null,
  state: null,
  stated: null,
  verify: null,
};

export const subjectNeeds: Needs = {
  list: 'subject.list',
  optOut: 'subject.opt-out',
  optIn: 'subject.opt-in',
  changed: 'subject.list',
  erase: 'subject.erase',
  holds: 'subject.list',
  hold: 'subject.hold',
  lift: 'subject.lift',
};

export const alertInboxNeeds: Needs = {
  list: 'alert.list',
  export: 'alert.show',
  show: 'alert.show',
  acknowledge: 'alert.acknowledge',
};

export const carriageNeeds: Needs = {
  outbox: 'alert.outbox',
  counts: 'alert.outbox',
  retry: 'alert.retry',
  hooks: 'alert.hooks',
};

export const alertSourceNeeds: Needs = { token: 'alert.token' };

export const dataNeeds: Needs = { add: 'dataset.add', list: null, show: null, remove: 'dataset.remove' };

/**
 * What works on a folder that was opened without a server: as its owner, who is one person among others as soon as the server has users. Opening the
 * folder is then no way around those who sign, approve and read results (people.cedar); what binds nobody, as a draft, stays free.
 */
export function asOwner<T extends object>(context: Opened, target: T, needs: Needs): T {
  return new Proxy(target, {
    get(object, name) {
      const value: unknown = Reflect.get(object, name, object);
      if (typeof value !== 'function') return value;
      const action = needs[String(name)];
      if (action === null) return value.bind(object);
      return async (...args: unknown[]) => {
        await requireOwner(context, action ?? String(name));
        return value.apply(object, args);
      };
    },
  });
}

/** Throws `forbidden`, and keeps it in the log, where the owner of the folder may not do this. */
export async function requireOwner({ database, log, now }: Opened, action: string): Promise<void> {
  const owner = await ownerOf(database);
  const refusals = new RequestLog(log, now);
  await refusals.keeping(async () => authorizePerson(owner, action), { by: owner.id, action }, ['forbidden']);
}
