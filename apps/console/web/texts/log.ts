import { partyEvents, serverEvents, spaced } from './log-events.ts';
import { registryEvents } from './log-events-registry.ts';

/** The log of the organisation. */
export const log = {
  events: {
    party: { ...serverEvents, ...partyEvents },
    module: { ...serverEvents, ...registryEvents },
    centre: { ...serverEvents, ...registryEvents },
  },
  spaced,
  title: 'Log',
  lead: 'What happened here, in an order that nobody can change afterwards. Partners have seen how long the log was, and when.',
  leadRegistry:
    'What happened here, in an order that nobody can change afterwards. Partners have seen how long the log was, and when. It is read by auditors and privacy officers, not by who operates the server.',
  tabs: { timeline: 'What happened', verify: 'Verify it yourself', witnesses: 'Witnesses' },
  none: 'No entry is like that.',
  noneYet: 'Nothing has happened yet.',
  erased: 'What this entry said was erased. Its place and its hash stay.',
  unreadable: 'This entry cannot be read: the log is not sound.',
  columns: { index: 'Entry', when: 'When', what: 'What happened', agreement: 'Agreement' },
  before: 'before',
  filter: {
    kind: 'What',
    anyKind: 'Everything',
    person: 'Who',
    personHint: 'Login of a person, or id of a partner',
    agreement: 'Agreement',
    anyAgreement: 'All',
    search: 'Show',
    clear: 'Show everything',
  },
  entry: {
    title: (index: number) => `Entry ${index.toLocaleString('en')}`,
    back: 'All entries',
    says: 'What it says',
    field: 'Field',
    value: 'Value',
    proof: 'Its proof',
    proofLead:
      'Your browser computes the hash of this entry, follows the path to the root of the log, and checks the signature on it.',
    proven: (index: number, size: number) =>
      `Proven: this is entry ${index.toLocaleString('en')} of a log of ${size.toLocaleString('en')} entries, and the log has signed that.`,
    notProven: 'The proof does not hold',
    save: 'Save the proof as a file',
    erasable: 'Erase what it says',
    eraseLead:
      'Two people must ask for it. The hash of the entry stays, so the log still verifies. Nobody can bring it back.',
    eraseReason: 'Why? This stays in the log and must not repeat what is erased.',
    erase: 'Ask to erase it',
    eraseAsked: (by: string) => `Asked by ${by}. Another person must ask too.`,
    eraseDone: 'It was erased.',
  },
  verify: {
    lead: 'Your browser fetches a copy of the whole log and verifies it on its own: every hash, the root, the signature of the log, and the signatures of witnesses. The server only hands over files.',
    start: 'Verify the log',
    again: 'Verify the untouched copy again',
    fetching: 'Fetching the log…',
    verifying: 'Verifying…',
    sound: 'The log is sound',
    unsound: 'The log is not sound',
    found: 'Found: the copy was changed',
    notFound: 'The change was not found',
    checkpoint: (origin: string, size: string) => `The log ${origin} has signed that it has ${size} entries.`,
    root: 'Root',
    entries: (size: string) => `All ${size} entries are there, in order, and give exactly this root.`,
    events: (events: string, erased: number) =>
      erased === 0
        ? `All ${events} events belong to their entries: not one letter has changed.`
        : `${events} events belong to their entries: not one letter has changed. ${erased.toLocaleString('en')} were erased.`,
    witnessed: (witness: string, size: string) => `${witness} has witnessed ${size} entries`,
    noWitness: 'No witness has signed yet. Partners do so when they are reached.',
    tamper: 'Tamper with the copy',
    tamperLead: 'What if somebody changed the past? Change one letter of one entry, in the copy in this browser alone.',
    tampered: (entry: string) => `One letter of entry ${entry} was changed in your copy:`,
    seeEntry: 'See the true entry',
    download: 'Save the copy as files',
    downloadLead:
      'A tar archive that anybody can verify without this server: symbolon audit verify, or the Python script in the documentation. It holds every event.',
    keys: 'Keys that you trust',
    chooseFile: 'Choose a file',
    keysLead:
      'Without a file, your browser takes the keys that this server names. To trust nobody here, choose a file of keys that you got from partners (symbolon audit keys).',
    keysOwn: 'Verified with the keys of your file.',
    keysServer: 'Verified with the keys that this server names.',
  },
  witnesses: {
    lead: 'Partners and key services look at the log, and sign how long it is and what its root was. Who rewrites the past must contradict them.',
    none: 'No partner is known yet. Add one under Settings.',
    columns: { witness: 'Witness', seen: 'Has seen', at: 'Last', pending: 'Not yet seen' },
    alarm: 'too long ago',
    server: 'Statements',
    serverLead: 'The server goes through the whole log, and through the signed statement of every run.',
    check: 'Have the server verify it',
    statements: (statements: number) =>
      statements === 1
        ? '1 signed statement of a run stands in the log as it was signed.'
        : `${statements.toLocaleString('en')} signed statements of runs stand in the log as they were signed.`,
    unwitnessed: (run: number, witnesses: string) =>
      `The statement of run ${run} is still to be witnessed by ${witnesses}.`,
    sound: 'The server finds nothing wrong',
    unsound: 'The server finds something wrong',
    all: (entries: number) => `${entries.toLocaleString('en')} entries verified.`,
  },
};
