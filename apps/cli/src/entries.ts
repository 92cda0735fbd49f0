import type { Command } from 'commander';
import { branch, type LeafMaker } from './command.ts';

/** A command of the first level. Its file is read only when it is asked for: most of Symbolon need not be loaded for `--help`. */
export interface Entry {
  readonly name: string;
  readonly summary: string;
  readonly group: string;
  /** One command, or the commands below this one. */
  readonly load: (make: LeafMaker) => Promise<Command | Command[]>;
}

const see = 'See it work on this machine:';
const setUp = 'Set up an organisation:';
const work = 'Find the patients you share:';
const ask = 'Ask about joined records:';
const verify = 'Check:';

/** In the order of the help. */
export const entries: readonly Entry[] = [
  {
    name: 'demo',
    summary: "Fred's Health Insurance and Sally's EHR find the patients they share, on made-up people",
    group: see,
    load: async (make) => make((await import('./commands/demo.ts')).demo),
  },
  {
    name: 'e-coaching',
    summary: 'five organisations ask what an app does to care, on made-up patients',
    group: see,
    load: async (make) => make((await import('./commands/e-coaching.ts')).eCoaching),
  },
  {
    name: 'efficacy',
    summary: 'a server finds out on encrypted, made-up patients whether a treatment helps',
    group: see,
    load: async (make) => make((await import('./commands/efficacy.ts')).efficacy),
  },
  {
    name: 'rehearse',
    summary: 'all roles on this machine, on your own files',
    group: see,
    load: async (make) => [
      make((await import('./commands/rehearse.ts')).rehearseLink),
      make((await import('./commands/rehearse-study.ts')).rehearseStudy),
      make((await import('./commands/rehearse-alerts.ts')).rehearseAlerts),
      make((await import('./commands/rehearse-outsource.ts')).rehearseOutsource),
      make((await import('./commands/rehearse-registry.ts')).rehearseRegistry),
    ],
  },
  {
    name: 'init',
    summary: 'make the folder of an organisation: keys, certificate, card, configuration',
    group: setUp,
    load: async (make) => make((await import('./commands/init.ts')).init),
  },
  {
    name: 'partner',
    summary: 'exchange cards with other organisations',
    group: setUp,
    load: async (make) => {
      const { accept, invite, list } = await import('./commands/partner.ts');
      return [make(invite), make(accept), make(list)];
    },
  },
  {
    name: 'serve',
    summary: "run the organisation's server, or a key service",
    group: setUp,
    load: async (make) => {
      const { serveCentre, serveCompute, serveKeys, serveModule, serveOprf, serveParty } = await import(
        './commands/serve.ts'
      );
      return [serveParty, serveKeys, serveCompute, serveOprf, serveModule, serveCentre].map(make);
    },
  },
  {
    name: 'user',
    summary: 'who may do what on a server: users, roles, passwords',
    group: setUp,
    load: async (make) => {
      const { add, disable, enable, list, passkeys, password, setRoles } = await import('./commands/user.ts');
      return [make(add), make(list), make(setRoles), make(disable), make(enable), make(password), make(passkeys)];
    },
  },
  {
    name: 'login',
    summary: 'log in as a user of a server',
    group: setUp,
    load: async (make) => make((await import('./commands/login.ts')).login),
  },
  {
    name: 'logout',
    summary: 'end the session that `symbolon login` opened',
    group: setUp,
    load: async (make) => make((await import('./commands/login.ts')).logout),
  },
  {
    name: 'whoami',
    summary: 'who you are to a server, and what you may do there',
    group: setUp,
    load: async (make) => make((await import('./commands/login.ts')).whoami),
  },
  {
    name: 'api',
    summary: "the server's API for people and programs",
    group: setUp,
    load: async (make) => [make((await import('./commands/api.ts')).openapi)],
  },
  {
    name: 'data',
    summary: 'name the tables that may be linked; records stay where they are',
    group: work,
    load: async (make) => {
      const { add, list, remove, show } = await import('./commands/data.ts');
      return [make(add), make(list), make(show), make(remove)];
    },
  },
  {
    name: 'alerts',
    summary: 'medical events of shared patients, told as they happen',
    group: work,
    load: async (make) => {
      const { ack, exportCsv, hooks, list, outbox, retry, show } = await import('./commands/alert-inbox.ts');
      const { quarantine, sources, status, token } = await import('./commands/alert-sources.ts');
      const received = [make(list), make(show), make(ack), make(exportCsv)];
      const held = branch('quarantine', 'what sources sent and nobody could read', quarantine.map(make));
      return [...received, make(status), make(sources), make(token), held, make(outbox), make(retry), make(hooks)];
    },
  },
  {
    name: 'subject',
    summary: 'people who opt out or are erased, and legal holds',
    group: work,
    load: async (make) => {
      const { erase, list, optIn, optOut } = await import('./commands/subject.ts');
      const { hold, holds, lift } = await import('./commands/subject-hold.ts');
      return [make(optOut), make(optIn), make(erase), make(list), make(hold), make(holds), make(lift)];
    },
  },
  {
    name: 'agreement',
    summary: 'what is compared, by which rule, and who learns what: drafted, tried and signed',
    group: work,
    load: async (make) => {
      const { approve, discard, list, receive, send, show, sign } = await import('./commands/agreement.ts');
      const { draft } = await import('./commands/agreement-draft.ts');
      const { draftStudies } = await import('./commands/agreement-draft-studies.ts');
      const { check, tryRule } = await import('./commands/agreement-try.ts');
      const { diff, draftFile, schema } = await import('./commands/agreement-file.ts');
      const ofOne = [make(approve), ...[sign, show, list, receive, discard].map(make)];
      const files = [draftFile, diff, schema].map(make);
      const drafted = [make(draft), make(draftStudies), make(check), make(tryRule), make(send), ...files, ...ofOne];
      const { counter, decline, history, lapse, resume, revoke, suspend } = await import(
        './commands/agreement-changes.ts'
      );
      return [...drafted, make(counter), ...[decline, suspend, resume, lapse, revoke].map(make), make(history)];
    },
  },
  {
    name: 'link',
    summary: 'find the rows that belong together under a signed agreement',
    group: work,
    load: async (make) => {
      const { exportPairs, explain, list, run: runLink, show } = await import('./commands/link.ts');
      const { tune } = await import('./commands/link-tune.ts');
      const { releaseLink } = await import('./commands/release.ts');
      return [make(tune), make(explain), make(runLink), make(show), make(list), make(releaseLink), make(exportPairs)];
    },
  },
  {
    name: 'study',
    summary: 'SQL and statistics over the joined records of several organisations; only agreed aggregates come out',
    group: ask,
    load: async (make) => {
      const { approve, check, explain, exportResult, list, run: runStudy, show } = await import('./commands/study.ts');
      const { ask: askStudy } = await import('./commands/study-ask.ts');
      const before = [make(check), make(askStudy), make(explain), make(approve)];
      const { releaseStudy } = await import('./commands/release.ts');
      return [...before, make(runStudy), make(show), make(list), make(releaseStudy), make(exportResult)];
    },
  },
  {
    name: 'seal',
    summary: 'let a server that nobody trusts compute on encrypted tables: keys, tables, questions, results',
    group: ask,
    load: async (make) => {
      const { countersignFile, keygen, list, lock, rotate, unlock } = await import('./commands/seal-keys.ts');
      const {
        approve,
        ask: askSealed,
        encrypt,
        open,
        remove,
        run: runSealed,
        upload,
      } = await import('./commands/seal.ts');
      const { score } = await import('./commands/seal-scores.ts');
      const { releaseSealed } = await import('./commands/release.ts');
      const runs = [make(runSealed), make(score), make(open), make(releaseSealed)];
      const questions = [make(askSealed), make(approve), ...runs];
      const keys = [make(keygen), make(unlock), make(lock), make(rotate)];
      return [...keys, make(encrypt), make(upload), make(remove), ...questions, make(list), make(countersignFile)];
    },
  },
  {
    name: 'market',
    summary: 'what is offered: catalogues, and requests for licences',
    group: ask,
    load: async (make) => {
      const { approve, browse, counter, decline, fetch, list, publish, request, requests } = await import(
        './commands/market.ts'
      );
      const owners = [make(publish), make(list), make(requests), make(approve), make(counter), make(decline)];
      return [make(browse), make(request), make(fetch), ...owners];
    },
  },
  {
    name: 'licence',
    summary: 'licences and their use: runs, months, signed statements',
    group: ask,
    load: async (make) => {
      const { list, show, statement, usage, uses, verify: verifyStatement } = await import('./commands/licence.ts');
      return [make(list), make(show), make(uses), make(usage), make(statement), make(verifyStatement)];
    },
  },
  {
    name: 'registry',
    summary: "administer a registry's module: physicians, installations, patients known twice, alarms, keys",
    group: work,
    load: async (make) => {
      const { alarms, installation, institution, pseudonymKey, seen, status, tellAgain, ticketKey } = await import(
        './commands/registry.ts'
      );
      const { physician } = await import('./commands/registry-physicians.ts');
      const { patient, review } = await import('./commands/registry-patients.ts');
      return [
        make(status),
        branch('physician', 'who may take part in the registry', physician.map(make)),
        branch('institution', 'for whom physicians work', institution.map(make)),
        branch('installation', "where the physicians' client stands", installation.map(make)),
        branch('review', 'identities that may be one person', review.map(make)),
        branch('patient', 'patients, their rights and cards', patient.map(make)),
        make(alarms),
        make(seen),
        make(ticketKey),
        make(pseudonymKey),
        make(tellAgain),
      ];
    },
  },
  {
    name: 'centre',
    summary: "administer a registry's central server: record types, alarms, reviews, studies, exports",
    group: work,
    load: async (make) => {
      const { alarms, changeKey, review, seen, status } = await import('./commands/centre.ts');
      const { exporting, type } = await import('./commands/centre-records.ts');
      const { research } = await import('./commands/centre-research.ts');
      return [
        make(status),
        branch('type', 'what records of a module may hold', type.map(make)),
        branch('review', 'accesses without the card', review.map(make)),
        branch('research', 'statistics on records, for researchers', research.map(make)),
        branch('export', 'records as files', exporting.map(make)),
        make(alarms),
        make(seen),
        make(changeKey),
      ];
    },
  },
  {
    name: 'card',
    summary: "a workstation's smartcards: a patient's card opens records in a registry",
    group: work,
    load: async (make) => {
      const { apply, list, sign } = await import('./commands/card.ts');
      const { breakGlass, enrol, relate, replace, unlock } = await import('./commands/card-visit.ts');
      const records = await import('./commands/card-records.ts');
      const visits = [enrol, unlock, replace, breakGlass, relate].map(make);
      const own = [make(records.read), make(records.add), make(records.exportOwn)];
      const rights = [records.view, records.withdraw, records.object, records.erase].map(make);
      const { agent } = await import('./commands/card-agent.ts');
      return [make(list), make(apply), make(sign), ...visits, ...own, ...rights, make(agent)];
    },
  },
  {
    name: 'audit',
    summary: 'verify, print and hand over what the log says has happened',
    group: verify,
    load: async (make) => {
      const { exportFiles, keys, prove } = await import('./commands/audit-files.ts');
      const { show } = await import('./commands/audit-show.ts');
      return [
        make((await import('./commands/audit.ts')).verify),
        make(show),
        make(exportFiles),
        make(prove),
        make((await import('./commands/audit-erase.ts')).erase),
        make(keys),
      ];
    },
  },
  {
    name: 'store',
    summary: 'when the database was put back to an older state, or moves to PostgreSQL',
    group: verify,
    load: async (make) => [
      make((await import('./commands/store.ts')).recover),
      make((await import('./commands/store-copy.ts')).copy),
    ],
  },
  {
    name: 'doctor',
    summary: 'find out what is wrong with this installation',
    group: verify,
    load: async (make) => make((await import('./commands/doctor.ts')).doctor),
  },
];
