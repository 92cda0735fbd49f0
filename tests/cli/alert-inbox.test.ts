import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { alertNetwork, arrive, outgoing, within } from '../../apps/party/test/alert-network.ts';
import { play } from '../support/script.ts';

test('alerts are read, acknowledged and exported, and what waits for partners is seen, on a terminal', async () => {
  const network = await alertNetwork();
  onTestFinished(() => network.close());
  const code = { system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'I50.9' };
  // A leading dash in an id is no option; a leading = in a text no formula.
  const seen = network.message({ id: `-${network.message().id.slice(1)}`, code });
  const unseen = network.message({ facility: '=General' });
  const waiting = network.message();
  await arrive(network, [seen, unseen]);
  await within(network, 'sally', (sally) => outgoing(sally, network.homes.sally.signingKey, [waiting]));
  await play(
    network.folder,
    `
$ symbolon alerts list --home fred
ALERT  EVENT AT (UTC)  CLASS  RECORD  FROM  STATE
{unseen}  …  heart-failure  M-104  sally  open
{seen}  …  heart-failure  M-104  sally  open
$ symbolon alerts show {seen} --home fred
class      heart-failure
record     M-104
event at   …
facility   General Hospital
code       I50.9 (http://hl7.org/fhir/sid/icd-10-cm)
escalates  …
state      open
from       sally, by 'admissions' of agreement …
received   …
$ symbolon alerts ack {seen} --note "She is called today" --home fred
! ✔ 1 alert acknowledged.
…
{seen}  …  acknowledged
$ symbolon alerts list --open --home fred
ALERT …
{unseen}  …  open
$ symbolon alerts list --escalated --home fred
! No such alert has come.
$ symbolon alerts list --since yesterday --home fred
! symbolon: --since yesterday is no time
! …
[2]
$ symbolon alerts export alerts.csv --home fred
! ✔ 2 alerts written to alerts.csv.
$ symbolon alerts export alerts.csv --home fred
! symbolon: …
! …
[1]
$ symbolon alerts ack nobody --home fred
! symbolon: there is no alert nobody here
! …
[1]
$ symbolon alerts hooks --home fred
! No program is told of alerts: …
$ symbolon alerts outbox --home sally
! 1 waiting, 0 dead, 0 delivered.
MESSAGE  TO  CLASS  SINCE (UTC)  TRIES  WHY
{waiting}  fred  heart-failure  …
$ symbolon alerts outbox --state lost --home sally
! symbolon: --state lost is none
! …
[2]
`,
    { seen: seen.id, unseen: unseen.id, waiting: waiting.id },
  );
  const [head, first, second, ...rest] = readFileSync(join(network.folder, 'alerts.csv'), 'utf8').split('\r\n');
  expect(head).toMatch(/^alert,class,records,event_at,facility,code_system,code,/);
  expect(first).toMatch(
    /,M-104,.*,General Hospital,http:\/\/hl7.org\/fhir\/sid\/icd-10-cm,I50.9,.*,owner,She is called today,,$/,
  );
  expect(second).toContain(",'=General,");
  expect(rest).toEqual(['']);
});
