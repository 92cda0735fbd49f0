/** What an entry of the log says: its fields, and those of a signed document in it. */
export type LogFields = Readonly<Record<string, unknown>>;

const said = (value: unknown): string => (value === undefined || value === null ? '' : String(value));
const listed = (value: unknown): string => (Array.isArray(value) ? value.map(said).join(', ') : said(value));
const inWords = (roles: unknown): string => listed(roles).replaceAll('-', ' ');
const because = ({ reason, code }: LogFields): string =>
  said(reason) === '' ? (said(code) === '' ? '' : ` (${said(code)})`) : `: ${said(reason)}`;
const count = (value: unknown): string => Number(value ?? 0).toLocaleString('en');
/** How many rows of each table took part, whatever the nesting. */
const rowsOf = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? Object.entries(value)
        .map(([name, rows]) => (typeof rows === 'object' ? rowsOf(rows) : `${name}: ${count(rows)} rows`))
        .join(', ')
    : '';

/** What happened, in a sentence, by the kind of the entry. */
export type Sentences = Readonly<Record<string, (fields: LogFields) => string>>;

/** At a party alone. */
export const partyEvents: Sentences = {
  'agreement-signed': ({ person, title }) => `${said(person)} signed the agreement “${said(title)}” for us`,
  'agreement-received': ({ by, signedBy }) => `An agreement arrived from ${said(by)}, signed by ${listed(signedBy)}`,
  'agreement-discarded': ({ title }) => `The draft “${said(title)}” was discarded`,
  'agreement-refused': (f) => `An agreement that ${said(f.by)} sent was refused${because(f)}`,
  'agreement-declined': ({ by }) => `${said(by)} declined an agreement`,
  'agreement-suspended': ({ by }) => `${said(by)} suspended an agreement`,
  'agreement-resumed': ({ by }) => `${said(by)} put an agreement in force again`,
  'agreement-revoked': ({ by }) => `${said(by)} revoked an agreement`,
  'notice-refused': (f) => `What ${said(f.by)} sent on an agreement was refused${because(f)}`,
  approved: ({ by, action, name }) => `${said(by)} approved: ${said(action)} ${said(name)}`,
  'approval-withdrawn': ({ by, action, name }) => `${said(by)} took back the approval: ${said(action)} ${said(name)}`,
  'link-begun': () => 'A link began',
  'link-done': ({ rows, matches }) =>
    `A link was done (${rowsOf(rows)})${matches === null || matches === undefined ? '' : `, with ${count(matches)} matches`}`,
  'link-failed': (f) => `A link with ${said(f.by)} did not come to its end${because(f)}`,
  'link-refused': (f) => `A link that ${said(f.by)} asked for was refused${because(f)}`,
  'study-asked': ({ by, study, name }) => `${said(by)} asked a study: ${said(study ?? name)}`,
  'study-begun': ({ study }) => `The study ${said(study)} began`,
  'study-encrypted-part': ({ study, compute, name }) =>
    `${said(compute)} computed the own part of the study ${said(study)} on the encrypted table ${said(name)}`,
  'study-done': ({ study, rows, to }) =>
    `The study ${said(study)} was done over ${rowsOf(rows)}; its result is for ${listed(to)}`,
  'study-failed': (f) => `The study ${said(f.study)} with ${said(f.by)} did not come to its end${because(f)}`,
  'study-refused': (f) => `The study ${said(f.study)} that ${said(f.by)} asked for was refused${because(f)}`,
  'data-signed': () => 'We signed which data the run uses',
  'result-opening': () => 'A result was opened to those for whom it is',
  'answer-released': () => 'An answer was released',
  'sealed-table-begun': ({ name, person }) => `${said(person)} had the table ${said(name)} encrypted`,
  'sealed-table-encrypted': ({ rows }) => `A table of ${count(rows)} rows was encrypted`,
  'sealed-table-uploaded': () => 'An encrypted table was sent to the server that computes on it',
  'sealed-table-deleted': () => 'An encrypted table was deleted at the server',
  'sealed-asked': ({ person }) => `${said(person)} asked a question to an encrypted table`,
  'sealed-question': ({ person }) => `${said(person)} wrote a question to an encrypted table`,
  'sealed-done': () => 'A question to an encrypted table was answered',
  'sealed-scores-read': ({ person, patients, run }) =>
    `${said(person)} read the scores of ${count(patients)} patients of run ${said(run)}`,
  'seal-refused': (f) => `What ${said(f.person)} asked of an encrypted table was refused${because(f)}`,
  'seal-key-made': ({ person }) => `${said(person)} had a key for encrypted tables made`,
  'seal-key-retired': ({ why }) => `A key of encrypted tables was replaced: ${said(why)}`,
  'seal-key-destroyed': ({ why }) => `A key of encrypted tables was destroyed: ${said(why)}`,
  'offer-published': ({ person, name }) => `${said(person)} offered ${said(name)} on the market`,
  'offer-withdrawn': ({ person, name }) => `${said(person)} withdrew ${said(name)} from the market`,
  'licence-stated': ({ month }) => `The use of a licence was stated for ${said(month)}`,
  'alert-sent': ({ to, alert, event }) => `An alert was sent to ${said(to)}: ${said(event)} (${said(alert)})`,
  'alert-received': ({ by, alert, event }) => `An alert came from ${said(by)}: ${said(event)} (${said(alert)})`,
  'alert-acknowledged': ({ by, alert }) => `${said(by)} takes care of an alert (${said(alert)})`,
  'alert-escalated': ({ alert }) => `Nobody took care of an alert in time (${said(alert)})`,
  'alert-refused': (f) => `Alerts of ${said(f.by)} were refused${because(f)}`,
  'alert-undeliverable': (f) => `An alert could not be delivered to ${said(f.to)}${because(f)}`,
  'alert-retried': ({ by, alert }) => `${said(by)} had an alert sent again (${said(alert)})`,
  'alert-token-made': ({ by, source }) => `${said(by)} made a token for the source ${said(source)}`,
  'hold-set': ({ by, dataset }) => `${said(by)} forbade to delete from ${said(dataset)}`,
  'hold-lift-asked': ({ by }) => `${said(by)} lifted a legal hold; somebody else must, too`,
  'hold-lifted': ({ by }) => `${said(by)} lifted a legal hold as the second: it is over`,
  'subjects-opted-out': ({ by, people, dataset }) => `${said(by)} took ${count(people)} people of ${said(dataset)} out`,
  'subjects-opted-in': ({ by, people, dataset }) =>
    `${said(by)} took ${count(people)} people of ${said(dataset)} in again`,
  'subjects-erased': ({ by, people, dataset }) =>
    `${said(by)} had what is kept of ${count(people)} people of ${said(dataset)} erased`,
  'event-erased': (f) => `${listed(f.by)} erased what entry ${said(f.entry)} said${because(f)}`,
};

/** At every server. */
export const serverEvents: Sentences = {
  'epoch-opened': () => 'The log began anew, after the database had been restored',
  'partner-log-forked': ({ partner, by }) => `Alarm: ${said(partner)} shows different logs to us and to ${said(by)}`,
  'partner-epoch': ({ partner }) => `${said(partner)} began its log anew`,
  'user-created': ({ user, by, roles }) => `${said(by)} made the user ${said(user)} (${inWords(roles)})`,
  'user-roles': ({ user, by, roles }) => `${said(by)} gave ${said(user)} these roles: ${inWords(roles) || 'none'}`,
  'user-disabled': ({ user, by }) => `${said(by)} disabled ${said(user)}`,
  'user-enabled': ({ user, by }) => `${said(by)} let ${said(user)} in again`,
  'user-setup-code': ({ user, by }) => `${said(by)} gave ${said(user)} a code to set a password`,
  'user-password': ({ user }) => `${said(user)} set a password`,
  'user-logged-in': ({ user, method }) => `${said(user)} logged in by ${said(method)}`,
  'session-ended': ({ user }) => `A session of ${said(user)} ended`,
  'passkey-added': ({ user }) => `${said(user)} added a passkey`,
  'passkey-removed': ({ user }) => `${said(user)} removed a passkey`,
  'login-failed': ({ user }) => `A login failed${said(user) === '' ? '' : `: ${said(user)}`}`,
  'login-locked': ({ user, waitSeconds }) =>
    `Logins wait for ${count(waitSeconds)} s after failures${said(user) === '' ? '' : `: ${said(user)}`}`,
  request: ({ by, operation }) => `${said(by)} asked the server for: ${spaced(said(operation))}`,
  'request-refused': ({ by, action, code }) => `${said(by) || 'Somebody'} was refused ${said(action)} (${said(code)})`,
  'requests-refused': ({ count: refused, code }) =>
    code === 'unauthenticated'
      ? `${refused === 1 ? 'A request' : `${count(refused)} requests`} of somebody not logged in: refused, as happens whenever the page to log in is opened`
      : `${refused === 1 ? 'A request of a stranger was' : `${count(refused)} requests of strangers were`} refused (${said(code)})`,
};

/** Words of a name like `signAgreement`, or of a kind like `link-done`. */
export function spaced(name: string): string {
  return name
    .replaceAll('-', ' ')
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .trim();
}
