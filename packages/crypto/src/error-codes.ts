/**
 * Every error code of Symbolon: the HTTP status it travels as, what it means, and what the reader can do about it.
 * Add a code here and nowhere else; `docs/errors.md` is checked against this table.
 */
export const errorCodes = {
  // Frames and peers
  'frame-too-long': {
    status: 413,
    meaning: 'A frame is longer than its step allows.',
    hint: 'Check that both sides run the same version of Symbolon.',
  },
  'frame-shape': {
    status: 400,
    meaning: 'Received bytes do not have the shape that their step prescribes.',
    hint: 'Check that both sides run the same version of Symbolon.',
  },
  'frame-order': {
    status: 409,
    meaning: 'A frame arrived that its step does not expect.',
    hint: 'Start a new attempt; if it happens again, ask the peer for its log of this attempt.',
  },
  'peer-silent': {
    status: 504,
    meaning: 'A peer did not answer in time.',
    hint: 'Check that the peer is running and reachable, then start a new attempt.',
  },
  'peer-gone': {
    status: 502,
    meaning: 'A peer closed the connection before the protocol ended.',
    hint: 'Ask the peer what stopped it, then start a new attempt.',
  },
  'peer-refused': {
    status: 403,
    meaning: 'A peer refused the request.',
    hint: 'Read the reason the peer gave; the rule it names is in the agreement.',
  },
  'peer-disagrees': {
    status: 409,
    meaning: 'Two parties hold different values for something they must agree on.',
    hint: 'Compare the agreement, the table sizes and the versions on both sides.',
  },
  // Hashes, signatures, documents
  'hash-mismatch': {
    status: 400,
    meaning: 'A hash does not match the content it stands for.',
    hint: 'Do not go on: the content was altered or belongs to another run.',
  },
  'bad-key': {
    status: 400,
    meaning: 'A key is malformed or of the wrong kind.',
    hint: 'Symbolon signs with Ed25519 keys; import the key that `symbolon init` wrote.',
  },
  'bad-signature': {
    status: 400,
    meaning: 'A signature is not valid for the bytes it covers.',
    hint: 'Fetch the document again from its signer and compare the fingerprint by telephone.',
  },
  'sealed-text': {
    status: 400,
    meaning: 'A sealed text does not open: it was sealed for another key or another purpose, or was changed.',
    hint: 'Start again from the step that made it; if it happens again, compare the keys of both ends.',
  },
  'card-key': {
    status: 400,
    meaning: 'A smartcard has a kind of key that this protocol cannot use.',
    hint: 'Use a card with RSA of 2048 to 4096 bits, P-256 or P-384.',
  },
  'card-missing': {
    status: 404,
    meaning: 'No reader holds the card that is asked for, or more than one may be meant.',
    hint: 'Put the card into its reader; `symbolon card list` shows which are there.',
  },
  'card-removed': {
    status: 409,
    meaning: 'A card was taken out of its reader, or does not answer any more.',
    hint: 'Put the card back, and do the step again: what was not finished has changed nothing.',
  },
  'card-pin': {
    status: 403,
    meaning: "The card did not accept its holder's PIN.",
    hint: 'Type it again, with care; a card that has locked itself is unlocked by whoever issued it.',
  },
  'card-driver': {
    status: 500,
    meaning: 'The driver of smartcards (a PKCS#11 module) is missing, or failed.',
    hint: 'Debian: apt-get install pcscd opensc-pkcs11; or name the driver of your cards, as docs/cards.md says.',
  },
  'login-refused': {
    status: 403,
    meaning: "A health professional's card has not proved that it is there, or its certificate is not good.",
    hint: 'Begin another login. A card that has expired or was revoked has to be replaced by its issuer.',
  },
  'physician-refused': {
    status: 403,
    meaning: 'This health professional is not known to the registry, waits for vetting, or was suspended or excluded.',
    hint: 'Apply as a physician, or ask the administrators of the registry.',
  },
  'card-refused': {
    status: 403,
    meaning: "A patient's card is not that of the person who was named, did not sign, or must not be used.",
    hint: 'Check the person and the card. A revoked card is replaced by a new one: `symbolon card replace`.',
  },
  'person-unverified': {
    status: 403,
    meaning: 'This is done only for a person who was verified: by the card, or by an administrator of the module.',
    hint: "Show the patient's card to the module first; it counts for one ticket, within ten minutes.",
  },
  'consent-identity': {
    status: 400,
    meaning: 'An identifier that pseudonyms are made of is missing or malformed.',
    hint: 'Correct the named field; the module says which identifiers it needs.',
  },
  'pseudonym-key': {
    status: 500,
    meaning: "The key of pseudonyms is not the one that this registry's pseudonyms were made with.",
    hint: "Restore the key's file on the server that has it. With another key every patient would become another one.",
  },
  'consent-ticket': {
    status: 403,
    meaning: "The central server refused a module's ticket.",
    hint: 'Ask the module for a new ticket; each is for one certificate, one step, and a short time.',
  },
  'consent-unanswered': {
    status: 403,
    meaning:
      'The card does not answer for this patient, or the patient is not known here. Which of the two, nobody learns.',
    hint: "Check that it is the patient's card and the right patient; a new card is registered by replacing the old one.",
  },
  'consent-refused': {
    status: 403,
    meaning: 'The central server refused the answer to its challenge.',
    hint: "Begin again, with the patient's and the health professional's card in their readers.",
  },
  'record-type': {
    status: 422,
    meaning: 'A type of records is described in a way that does not say enough of what its records hold.',
    hint: 'Correct the schema at the named place; docs/records.md says what a record type may be.',
  },
  'record-invalid': {
    status: 422,
    meaning: 'A record is not as its type says.',
    hint: 'Correct the record at the named place.',
  },
  'record-identifies': {
    status: 422,
    meaning: 'A record, or an image of one, holds what could say who the patient is.',
    hint: 'Leave out what stands at the named place, and send it again.',
  },
  // Encrypted tables
  'table-layout': {
    status: 400,
    meaning: 'A table cannot be encrypted as it is described.',
    hint: "Correct the named column's values, range or cuts.",
  },
  circuit: {
    status: 400,
    meaning: 'A question does not fit what can be computed on encrypted data.',
    hint: 'Ask less at once, or ask it as a study of several parties, which knows no such bounds.',
  },
  'compute-quota': {
    status: 429,
    meaning: 'A server that computes on encrypted tables keeps no more of one owner, or has enough of its questions.',
    hint: 'Wait for what runs, remove tables that are not needed any more, or ask who runs the server.',
  },
  'compute-failed': {
    status: 500,
    meaning: 'A question on an encrypted table could not be evaluated.',
    hint: 'Ask it again; if it fails again, ask less at once, or upload the table anew.',
  },
  'score-release': {
    status: 403,
    meaning: 'Scores of encrypted patients were to leave the key owner, who alone may see them.',
    hint: 'Ask for counts, sums or a test of the patients instead: those are exact, and may be released.',
  },
  'fhe-check': {
    status: 502,
    meaning: 'What a server computed on an encrypted table is not what it was asked for.',
    hint: 'Retire the table and its key, and encrypt it again for another server.',
  },
  'seal-key': {
    status: 409,
    meaning: 'The key of an encrypted table is locked, or retired, or not the one that is needed.',
    hint: 'Open it with its passphrase: symbolon seal unlock KEY. A retired key only opens tables that are moved to another: symbolon seal rotate KEY.',
  },
  'passphrase-wrong': {
    status: 403,
    meaning: 'A secret does not open with this passphrase.',
    hint: 'Type it again. Nobody can open the secret without it: without the passphrase, make another key and encrypt the tables again.',
  },
  'bad-certificate': {
    status: 400,
    meaning: 'A certificate is malformed, or does not belong to the key that should have issued it.',
    hint: 'Ask the organisation for its current card.',
  },
  'untrusted-certificate': {
    status: 403,
    meaning: 'A certificate of a person was not issued by an authority that is trusted here, or not for this use.',
    hint: "Use a card of an authority that the server's administrators have listed; show its intermediate certificates too.",
  },
  'not-canonical': {
    status: 400,
    meaning: 'A document is not in canonical form (RFC 8785, safe integers, NFC text).',
    hint: 'Pass the document on byte for byte; do not reformat or edit it.',
  },
  'bad-document': {
    status: 400,
    meaning: 'A signed document is malformed.',
    hint: 'Fetch the document again from its author.',
  },
  'document-type': {
    status: 400,
    meaning: 'A signed document is of another kind than this step needs.',
    hint: 'Check that you passed the right file.',
  },
  'document-signer': {
    status: 403,
    meaning: 'A document lacks a signature it needs, or carries one of a key it does not name.',
    hint: 'Check who has to sign, and the key of each signer.',
  },
  'unknown-organisation': {
    status: 404,
    meaning: 'No card of this organisation is known here.',
    hint: 'Import its card with `symbolon partner accept`, after comparing fingerprints.',
  },
  // Agreements
  'agreement-invalid': {
    status: 422,
    meaning: 'An agreement contradicts itself or lacks something.',
    hint: 'Correct the named field in the draft; all parties then sign the corrected text.',
  },
  'agreement-unsigned': {
    status: 403,
    meaning: 'Not every party has signed the agreement.',
    hint: 'Ask the named parties to sign.',
  },
  'agreement-altered': {
    status: 403,
    meaning: 'The agreement in use differs from the one that was signed.',
    hint: 'Restore the signed document, or sign the changed text as a new version.',
  },
  'agreement-superseded': {
    status: 403,
    meaning: 'Another version of the agreement is in the way.',
    hint: 'Use the newest version, or settle the open successor first.',
  },
  'agreement-revoked': {
    status: 403,
    meaning: 'A party has revoked the agreement, or declined to sign it.',
    hint: 'Ask that party for its reason (`symbolon agreement history`); propose a new agreement if all still want one.',
  },
  'agreement-suspended': {
    status: 403,
    meaning: 'A party has suspended the agreement.',
    hint: 'Wait until that party resumes it, or ask it what has to happen first.',
  },
  'notice-order': {
    status: 409,
    meaning:
      'A notice about an agreement is repeated, back-dated, or says what cannot follow what its author said before.',
    hint: 'Its author looks at `symbolon agreement history`, and gives a new notice.',
  },
  'agreement-term': {
    status: 403,
    meaning: 'The agreement is not in force on this day.',
    hint: 'Agree on a new version with another term.',
  },
  'agreement-limit': {
    status: 403,
    meaning: 'The request goes beyond a limit of the agreement.',
    hint: 'Keep within the limit, or agree on a new version with a higher one.',
  },
  'agreement-party': {
    status: 403,
    meaning: 'The agreement does not give this organisation the right to ask for this.',
    hint: 'Only the parties that the agreement names may ask.',
  },
  // Rules, plans and data
  'rule-syntax': {
    status: 422,
    meaning: 'A match rule is not valid SQL.',
    hint: 'Correct the rule at the place the message shows.',
  },
  'rule-unknown-column': {
    status: 422,
    meaning: 'A match rule names a column that its table does not have.',
    hint: 'Use a column of the agreement.',
  },
  'rule-unsupported': {
    status: 422,
    meaning: 'A match rule uses a construct that cannot be computed securely here.',
    hint: 'See the list of supported functions in docs/rules.md.',
  },
  'sql-tree': {
    status: 422,
    meaning: 'The SQL parser reads a construct in a way that is not known here.',
    hint: 'Write the expression in a simpler way, and check that both sides run the same version of Symbolon.',
  },
  'study-syntax': {
    status: 422,
    meaning: 'A study is not valid SQL.',
    hint: 'Correct the study at the place the message shows.',
  },
  'study-unknown-column': {
    status: 422,
    meaning: 'A study names a table or column that the agreement does not have.',
    hint: 'Use a table and column of the agreement.',
  },
  'study-unsupported': {
    status: 422,
    meaning: 'A study uses a clause or function that cannot be computed securely here.',
    hint: 'Write it as the message says.',
  },
  'study-invalid': {
    status: 422,
    meaning: 'A study file is malformed, or sets what its method does not have.',
    hint: 'Correct the field that the message names; docs/studies.md lists all fields.',
  },
  'study-policy': {
    status: 403,
    meaning: 'A study uses a column in a way that its policy does not allow.',
    hint: 'Leave the column out of the named clause, or agree on a wider policy for it.',
  },
  'study-link': {
    status: 409,
    meaning: 'A study joins by the pairs of a link, and there is none, or none of the records that are here now.',
    hint: 'Run the link of the agreement again, then the study.',
  },
  unapproved: {
    status: 403,
    meaning: 'Fewer people of an organisation than the agreement asks for have approved what is asked.',
    hint: 'Somebody there reads it, then approves it: `symbolon study approve`, `symbolon agreement approve`.',
  },
  'plan-invalid': {
    status: 422,
    meaning: 'A plan is malformed or inconsistent.',
    hint: 'Check that all sides run the same version of Symbolon.',
  },
  'plan-range': {
    status: 422,
    meaning: 'A plan cannot prove that its values fit their width.',
    hint: 'Narrow the ranges of the columns in the agreement.',
  },
  'data-malformed': {
    status: 422,
    meaning: 'A data file cannot be read as a table.',
    hint: 'Check the file at the row the message names.',
  },
  'data-missing-column': {
    status: 422,
    meaning: 'A table lacks a column that the agreement lists.',
    hint: 'Add the column, or map it in the data set configuration.',
  },
  'data-duplicate-id': {
    status: 422,
    meaning: 'Two rows of a table have the same key.',
    hint: 'Make the key column unique.',
  },
  'data-out-of-range': {
    status: 422,
    meaning: 'A value lies outside the range that the agreement gives its column.',
    hint: 'Correct the row, or agree on a wider range.',
  },
  'data-changed': {
    status: 409,
    meaning: 'People opted out after their records were read, for a run or into an encrypted table.',
    hint: 'Start a new attempt: it leaves them out. An encrypted table is encrypted anew before (`symbolon seal encrypt`).',
  },
  'legal-hold': {
    status: 409,
    meaning: 'A legal hold forbids to delete this.',
    hint: 'See `symbolon subject holds`. Two people lift a hold; until then, people who opt out take no part.',
  },
  // Sessions
  'keyservice-down': {
    status: 503,
    meaning: 'The key service cannot be reached.',
    hint: 'Check its address and that it is running, then start a new attempt.',
  },
  'keyservice-refused': {
    status: 403,
    meaning: 'The key service refused to open the session.',
    hint: 'Read the reason it gave; all parties must ask for the same thing.',
  },
  'session-burned': {
    status: 409,
    meaning: 'The one-time keys of this session have been used.',
    hint: 'Start a new attempt; it gets fresh keys.',
  },
  'session-unknown': { status: 404, meaning: 'No such session is open.', hint: 'Start a new attempt.' },
  'session-expired': {
    status: 410,
    meaning: 'The session was open too long and has been closed.',
    hint: 'Start a new attempt.',
  },
  cancelled: {
    status: 409,
    meaning: 'A user of one of the parties cancelled the run.',
    hint: 'Start a new attempt when both parties are ready.',
  },
  // The log
  'log-inconsistent': {
    status: 409,
    meaning: 'A log does not extend what it showed before, or its entries do not give its root.',
    hint: 'Keep both versions as evidence and tell the privacy officers of all parties.',
  },
  'store-behind': {
    status: 409,
    meaning: 'The database of a server is older than what a witness has seen of its log, or holds another past.',
    hint: 'Restore the newest backup; if there is none, stop the server and open a new epoch with `symbolon store recover`.',
  },
  // Alerts
  'alert-event': {
    status: 422,
    meaning:
      'A source told of a medical event in a way that cannot be read: not FHIR R4 or HL7 v2 as the message says.',
    hint: 'Correct the source; what it sent is kept in the quarantine, and can be tried again.',
  },
  'event-from-future': {
    status: 422,
    meaning: 'A medical event lies further ahead than clocks differ.',
    hint: 'Correct the clock or the time zone of whoever sent it, then try it again.',
  },
  'alerts-full': {
    status: 503,
    meaning: 'So much waits here, alerts for partners or what could not be read, that no more events are taken in.',
    hint: 'See `symbolon alerts status`: a partner cannot be reached, or the quarantine has to be looked through. Then send them again.',
  },
  'storage-full': {
    status: 507,
    meaning: 'The disk or the database has no room left, so nothing that came was taken in.',
    hint: 'Make room on the disk; then send it again.',
  },
  'alert-link': {
    status: 409,
    meaning: 'An alert is about a pair of a link that its receiver does not have, or that is too old by the agreement.',
    hint: 'Run the link again; alerts of later events then go by its pairs.',
  },
  // Servers
  'config-invalid': { status: 500, meaning: 'The configuration is invalid.', hint: 'Correct the named setting.' },
  'not-found': { status: 404, meaning: 'There is no such thing here.', hint: 'Check the name or number.' },
  conflict: { status: 409, meaning: 'The request contradicts the present state.', hint: 'Reload and try again.' },
  'body-too-large': {
    status: 413,
    meaning: 'The request is larger than this address accepts.',
    hint: 'Send less at once.',
  },
  'request-invalid': { status: 400, meaning: 'The request is malformed.', hint: 'Correct the named field.' },
  unauthenticated: {
    status: 401,
    meaning: 'The caller did not prove who it is.',
    hint: 'Log in, or present the certificate of your organisation.',
  },
  'password-weak': {
    status: 422,
    meaning: 'A password is easy to guess.',
    hint: 'Take a longer one: four words that have nothing to do with each other, or what a password manager makes.',
  },
  forbidden: {
    status: 403,
    meaning: 'The caller may not do this.',
    hint: 'Ask an administrator of your organisation.',
  },
  'too-many-requests': {
    status: 429,
    meaning: 'The caller asks more often than this server allows.',
    hint: 'Wait a minute, then try again.',
  },
  'wrong-host': {
    status: 421,
    meaning: 'The request names a host that this server is not.',
    hint: 'Use the address under which the server was set up, or add this one to `hosts` of its `people` settings.',
  },
  'cross-site': {
    status: 403,
    meaning: 'The request was sent by a page of another site.',
    hint: 'Ask from the page of this server, or from a program with a token.',
  },
  'key-reused': {
    status: 422,
    meaning: 'An idempotency key that was used for one request came with another.',
    hint: 'Take a new random key for each request; repeat one only with the same request.',
  },
  'answer-not-kept': {
    status: 409,
    meaning:
      'A request came again with its idempotency key: it has taken effect, and its answer held a secret, which is not kept.',
    hint: 'Ask for another code or token, with a new idempotency key; the one before is none any more then.',
  },
  'database-unavailable': {
    status: 503,
    meaning: 'The database of a server cannot be reached, or does not answer in time.',
    hint: 'Check that PostgreSQL runs and is reachable. The server goes on by itself when it is; repeat what was refused.',
  },
  'thread-lost': {
    status: 500,
    meaning: 'A thread of this server ended in the middle of its work.',
    hint: 'Look in the log of this server; it may lack memory. A new attempt starts another thread.',
  },
  internal: {
    status: 500,
    meaning: 'Symbolon itself failed.',
    hint: 'Look in the log of this server, and report the fault with the time it happened.',
  },
} as const satisfies Record<string, { status: number; meaning: string; hint: string }>;
