import { type Operation, operations, type PatientView, sessionHas } from '@symbolon/consent';
import { fault } from '@symbolon/crypto';
import { exerciseRight, viewAsPatient } from '../visit/patient.ts';
import type { PatientCard, Visited, VisitStep } from '../visit/practice.ts';
import { addRecord, readRecords } from '../visit/records.ts';
import { type Html, html } from './html.ts';
import type { Named, Session } from './session.ts';

/** What a form does. */
export interface Action {
  readonly title: string;
  readonly run: (session: Session, form: URLSearchParams, say: (line: string) => void) => Promise<Html>;
}

const steps: Readonly<Record<VisitStep, string>> = {
  'check-card': 'The patient’s card shows the registry whose it is',
  ticket: 'The registry gives a ticket',
  challenge: 'The centre asks the card',
  'patient-card': 'The patient’s card answers',
  'professional-card': 'Your card signs',
};

/** By the addresses that forms go to. */
export const actions: Readonly<Record<string, Action>> = {
  '/login': {
    title: 'Logging in',
    async run(session, form, say) {
      say('Your card is opened');
      const opened = await session.open(form, 'card');
      say('The registry’s servers are asked');
      const { info } = await session.logIn(opened);
      return html`<p role="status">You are logged in at ${info.name}.</p>`;
    },
  },
  '/logout': {
    title: 'Logged out',
    async run(session) {
      await session.logOut();
      return html`<p role="status">You are logged out. Take your card.</p>`;
    },
  },
  '/patient': {
    title: 'The patient',
    async run(session, form) {
      const { practice } = session;
      const values = practice.info.fields.map(
        ({ field }) => [field, form.get(`person.${field}`)?.trim() ?? ''] as const,
      );
      const person = Object.fromEntries(values.filter(([, value]) => value !== ''));
      const { relation, suggestions } = await practice.relation(person);
      session.named = { person, relation };
      const alike = suggestions.map(({ person: other }) => html`<li>${Object.values(other).join(', ')}</li>`);
      if (alike.length === 0) return html`<p role="status">You can go on.</p>`;
      return html`<p role="alert">You have patients who are nearly the same. Check the spelling:</p><ul>${alike}</ul>`;
    },
  },
  '/other': {
    title: 'Another patient',
    async run(session) {
      session.named = undefined;
      return html`<p role="status">The page has forgotten the patient.</p>`;
    },
  },
  '/visit': { title: 'At work', run: visit },
  '/records': {
    title: 'Records',
    async run(session) {
      const { relation } = patientOf(session);
      const records = await readRecords(session.practice, relation);
      const rows = records.map(
        ({ recordedAt, type, group, institution, body }) =>
          html`<tr><td>${time(recordedAt)}</td><td>${type}</td><td>${group}</td><td>${institution}</td><td>${body}</td></tr>`,
      );
      return table(['Recorded', 'Type', 'Group', 'Institution', 'Content'], rows, 'There are none that you may read.');
    },
  },
  '/add': {
    title: 'Adding a record',
    async run(session, form) {
      const { relation } = patientOf(session);
      const [type, group, body] = ['type', 'group', 'body'].map((name) => form.get(name) ?? '') as [
        string,
        string,
        string,
      ];
      const { stripped } = await addRecord(session.practice, relation, { type, group, body });
      const left = stripped.map(({ path, rule }) => html`<li>${path}: ${rule}</li>`);
      return html`<p role="status">The record is kept.</p>${left.length === 0 ? undefined : html`<p>Left out:</p><ul>${left}</ul>`}`;
    },
  },
};

async function visit(session: Session, form: URLSearchParams, say: (line: string) => void): Promise<Html> {
  const operation = operations.find((one) => one === form.get('operation'));
  if (operation === undefined) throw fault('request-invalid', 'what is to be done was not chosen');
  const { relation } = patientOf(session);
  const progress = (step: VisitStep): void => say(steps[step]);
  if (operation === 'break-glass' || operation === 'relate') {
    const purpose = form.get('purpose') ?? '';
    return visited(await session.practice.visit(relation, { operation, purpose, progress }));
  }
  say('The patient’s card is opened');
  const { card } = await session.open(form, 'card');
  try {
    return await withCard(session, form, { operation, relation, card, progress });
  } finally {
    card.close();
  }
}

async function withCard(
  { practice }: Session,
  form: URLSearchParams,
  of: { operation: Operation; relation: string; card: PatientCard; progress: (step: VisitStep) => void },
): Promise<Html> {
  const { operation, relation, card, progress } = of;
  if (operation === 'view') return viewed(await viewAsPatient(practice, relation, { card, progress }));
  if (operation === 'object' || operation === 'withdraw') {
    await exerciseRight(practice, relation, operation, { card, progress });
    return html`<p role="status">${operation === 'object' ? 'No study uses these records any more.' : 'All consent has ended.'}</p>`;
  }
  if (!sessionHas[operation].pairs) throw fault('request-invalid', 'this is not done here');
  const said = { purpose: form.get('purpose') ?? '', groups: operation === 'reidentify' ? form.getAll('group') : [] };
  return visited(await practice.visit(relation, { operation, card, progress, ...said }));
}

const states = {
  done: 'Done.',
  draft: 'Another registration was first: your records are drafts until the card was here again.',
  waits: 'It counts when somebody of another institution, or an administrator, has confirmed it.',
};

function visited({ state, grant, card }: Visited): Html {
  const notGood = card === null || card === 'good' ? undefined : html`<p>The status of the card: ${card}.</p>`;
  const opened =
    grant === null
      ? undefined
      : html`<p>You may read ${grant.kind === 'reopened' ? 'what you could read before' : `records of: ${grant.groups.join(', ') || 'no group'}`},
until ${time(grant.until)}.</p>`;
  return html`<p role="status">${states[state]}</p>${notGood}${opened}`;
}

function viewed({ records, accesses, studies, objected }: PatientView): Html {
  const rows = accesses.map(
    ({ at, by, institution, what, purpose }) =>
      html`<tr><td>${time(at)}</td><td>${by}</td><td>${institution}</td><td>${what}</td><td>${purpose}</td></tr>`,
  );
  const used = studies.map(({ title, purpose }) => html`<li>${title}: ${purpose}</li>`);
  const kept = html`<p>${records.length} records are kept. ${objected ? 'No study uses them.' : 'Studies may use them.'}</p>`;
  const part = html`<p>This is what this physician did and may read. To see all, visit another institution.</p>`;
  return html`${objected === null ? part : kept}
<h2>Who read what</h2>${table(['When', 'Who', 'Institution', 'What', 'Purpose'], rows, 'Nobody has.')}
<h2>Studies</h2>${used.length === 0 ? html`<p>None.</p>` : html`<ul>${used}</ul>`}`;
}

function table(head: readonly string[], rows: readonly Html[], none: string): Html {
  if (rows.length === 0) return html`<p>${none}</p>`;
  const names = head.map((name) => html`<th scope="col">${name}</th>`);
  return html`<table><thead><tr>${names}</tr></thead><tbody>${rows}</tbody></table>`;
}

function patientOf({ named }: Session): Named {
  if (named !== undefined) return named;
  throw fault('request-invalid', 'no patient was named');
}

const time = (milliseconds: number): string =>
  `${new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
