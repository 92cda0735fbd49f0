/** What patients asked for: opt-outs, erasure, legal holds. */
export const subjects = {
  title: 'Patients’ requests',
  lead: 'Whoever asked to be left out is left out before anything is encrypted, counted or told. Partners are told nothing; they see a smaller table.',
  tabs: { optOuts: 'Who takes no part', holds: 'Legal holds' },
  none: 'Nobody has asked to be left out.',
  columns: { dataset: 'Data set', column: 'Told apart by', people: 'People', of: 'Of what' },
  everything: 'everything',
  ofPurpose: (purpose: string) => `runs for ${purpose}`,
  ofAgreement: (title: string) => `the agreement “${title}”`,
  from: (day: string) => `from ${day} on`,
  erased: 'everything; what was kept of them is erased',
  neverWho: 'The list holds hashes: who is on it, nobody can read from it. Keep the letters.',
  ask: {
    title: 'Enter a request',
    dataset: 'Data set',
    column: 'Column',
    columnHint: 'In which they are named: a key, an insurance number',
    people: 'People',
    peopleHint: 'One a line, as in that column; 5,000 at most. Sent to your own server alone, and kept as hashes',
    what: 'What they ask',
    whats: {
      out: 'to take no part from now on',
      in: 'to take part again',
      erase: 'to be erased',
    },
    of: 'In what',
    ofs: { all: 'in anything', purpose: 'in runs for one purpose', agreement: 'under one agreement' },
    purpose: 'Purpose',
    agreement: 'Agreement',
    from: 'From which day on',
    submit: 'Enter',
    eraseTitle: (count: number) => (count === 1 ? 'Erase one person?' : `Erase ${count.toLocaleString('en')} people?`),
    eraseWhat: [
      'They take no part any more, in anything, for good.',
      'Their matches of earlier links and alerts about them are deleted here.',
      'Released statistics and what partners have learnt stay. Delete their record in your source yourself.',
    ],
    eraseWord: 'erase',
    erase: 'Erase',
    done: (people: number, records: number | null) =>
      `${people === 1 ? 'One person' : `${people.toLocaleString('en')} people`}: entered. ${
        records === null
          ? 'How many records are theirs cannot be read now.'
          : records === 0
            ? 'No record is theirs now: this may be a mistyped name.'
            : records === 1
              ? 'One record is theirs now.'
              : `${records.toLocaleString('en')} records are theirs now.`
      }`,
    erased: (matches: number, alerts: number) =>
      `Deleted here: ${matches.toLocaleString('en')} matches, ${alerts.toLocaleString('en')} alerts.`,
    unknown: (runs: string) =>
      `Of the runs ${runs} nobody can tell which matches are theirs: nothing is deleted there.`,
  },
  holds: {
    lead: 'While a hold stands, nobody is erased whom it concerns, no agreement about the data set is discarded, and no entry of the log is erased.',
    none: 'There is no legal hold.',
    columns: { hold: 'Hold', on: 'On', why: 'Why', by: 'Set by', state: 'State' },
    whole: (dataset: string) => `all of ${dataset}`,
    person: (dataset: string) => `one person in ${dataset}`,
    until: (day: string) => `stands until ${day}`,
    stands: 'stands until two people lift it',
    over: 'over',
    liftedBy: (who: string) => `lifted by ${who}`,
    asked: (who: string) => `${who} has lifted it; it ends when somebody else does, too`,
    lift: 'Lift',
    liftTitle: 'Lift this hold?',
    liftWhat: ['It ends when two people have lifted it.', 'What it kept may then be erased for good.'],
    set: 'Set a hold',
    who: 'Person',
    personHint: 'As in that column; the whole data set if you leave it empty',
    reason: 'Reason',
    reasonHint: 'Without naming anybody: it can be read',
    last: 'Last day',
    lastHint: 'Until two people lift it if you leave it empty',
    submit: 'Set',
  },
};
