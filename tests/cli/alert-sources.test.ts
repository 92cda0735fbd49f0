import { startParty } from '@symbolon/party';
import { createLogger } from '@symbolon/service';
import { expect, onTestFinished, test } from 'vitest';
import { alertNetwork, configure } from '../../apps/party/test/alert-network.ts';
import { jsonOf, play, symbolon } from '../support/script.ts';

const quiet = createLogger({ id: 'test', logLevel: 'silent' }, { write: () => undefined });

test('a source gets its token, its events are counted, what nobody can read waits, on a terminal', async () => {
  const network = await alertNetwork();
  onTestFinished(() => network.close());
  configure(network, 'sally', {
    alerts: {
      sources: [{ name: 'ehr', kind: 'fhir', port: 0 }],
      patients: { patients: { birthDateColumn: 'born' } },
    },
  });
  await play(
    network.folder,
    `
$ symbolon alerts status --home sally
! symbolon: …
! …
[1]
$ symbolon agreement approve {agreement} --alerts --home sally
! ✔ Approved.
…
! …
`,
    { agreement: network.agreement },
  );
  const server = await startParty({ homePath: network.homes.sally.path, logger: quiet });
  onTestFinished(() => server.close());
  const json = async (...args: string[]) =>
    jsonOf(await symbolon(network.folder, ['alerts', ...args, '--home', 'sally', '--json']));
  const { token } = (await json('token', 'ehr')) as { token: string };
  const [{ at }] = (await json('sources')) as [{ at: string }];
  const stay = {
    ...{ resourceType: 'Encounter', id: 'stay', status: 'in-progress', subject: { reference: 'Patient/P4' } },
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
    period: { start: new Date(Date.now() - 60_000).toISOString() },
    reasonCode: [{ coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'I50.9' }] }],
  };
  const tell = async (resource: object) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' };
    return (await fetch(`${at}/Encounter`, { method: 'POST', headers, body: JSON.stringify(resource) })).status;
  };
  expect(await tell(stay)).toBe(201);
  expect(await tell({ ...stay, subject: { display: '\u001b[31mSecret' } })).toBe(422);
  expect(await tell({ ...stay, class: 3 })).toBe(422);
  await play(
    network.folder,
    `
$ symbolon alerts status --home sally
AGREEMENT        ALERT       TO    PATIENTS  UNTIL
Shared patients  admissions  fred  4         …

waiting for partners  1
in quarantine         2
$ symbolon alerts sources --home sally
SOURCE  KIND  AT  EVENTS
ehr     fhir  http://127.0.0.1:…/fhir  1 told, 2 quarantined
$ symbolon alerts quarantine list --home sally
ENTRY  SOURCE  CAME (UTC)  STATE  REASON
2      ehr     …  open  Encounter.class: …
1      ehr     …  open  Encounter.subject: …
$ symbolon alerts quarantine show 1 --home sally
entry   1
source  ehr
…
state   open
reason  alert-event: Encounter.subject: names no Patient

{…Secret…}
$ symbolon alerts quarantine retry 1 --home sally
! symbolon: …
! …
[1]
$ symbolon alerts quarantine discard 1 2 --home sally
! 2 entries discarded.
$ symbolon alerts quarantine list --home sally
! The quarantine is empty.
$ symbolon alerts token lab --home sally
! symbolon: …there is no source 'lab' here
! …
[1]
`,
  );
});
