import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { marketNetwork, membersOffer, visitsOffer, wish } from '../../apps/party/test/market-network.ts';
import { play } from '../support/script.ts';

test('a licence from the catalogue to the printed statement, on a terminal', async () => {
  const network = await marketNetwork();
  onTestFinished(() => network.close());
  await network.start();
  const { folder } = network;
  const write = (name: string, value: object): void => writeFileSync(join(folder, name), JSON.stringify(value));
  write('visits.json', visitsOffer());
  write('members.json', membersOffer());
  write('wish.json', wish());
  const month = new Date().toISOString().slice(0, 7);
  await play(
    folder,
    `
$ symbolon market list --home hospital
! The catalogue is empty. Publish a data set: symbolon market publish FILE
$ symbolon market publish visits.json --home hospital
! ✔ visits is in the catalogue.
entry     visits of hospital: Visits to the hospital
…
price     120.50 EUR a run, free for PUBHLTH
runs      3 a month
…
$ symbolon market publish members.json --home insurer
! …
…
$ symbolon market browse hospital --home researcher
entry     visits of hospital: Visits to the hospital
about     One row a patient.
rows      10 to 99
…
Made-up rows, from the ranges alone:
…
$ symbolon market request wish.json --home researcher
! Next: wait for hospital, insurer. See: symbolon market requests
licence        …
title          Visits by region
state          proposed
…
`,
  );
  const [asked] = await network.as('hospital', ({ market }) => market.requests());
  const { hash } = asked!;
  await play(
    folder,
    `
$ symbolon market requests --home hospital
…
{licence}  Visits by region  proposed, not by hospital, insurer  researcher  hospital, insurer  0     2099-12-31
$ symbolon licence show {licence} --home hospital
…
title          Visits by region
…
$ symbolon market approve {licence} --studies --home hospital
…
$ symbolon market approve {licence} --studies --home insurer
…
$ symbolon study run by-region --purpose HRESCH --home researcher
! …
…
$ symbolon licence list --home insurer
…
$ symbolon study list --home researcher
…
$ symbolon licence uses --home insurer
…
…  {licence}  by-region  researcher   HRESCH   researcher  …
$ symbolon licence usage {licence} --home hospital
…
to pay       180.5 EUR
to hospital  120.5 EUR
to insurer   60 EUR
$ symbolon licence statement {licence} --out november.json --home hospital
! ✔ november.json
…
$ symbolon licence statement {licence} --out november.html --home hospital
! ✔ november.html
…
$ symbolon licence statement {licence} --out november.csv --home hospital
! ✔ november.csv
…
$ symbolon licence statement {licence} --out november.pdf --home hospital
! symbolon: november.pdf: what is written follows from its ending
! …
[2]
$ symbolon licence verify november.json --home researcher
! ✔ hospital signed it, every figure follows from its runs; its runs are those known here.
! The log of hospital holds 1 of 1 run; …
…
`,
    { licence: hash.slice(0, 8) },
  );
  const page = readFileSync(join(folder, 'november.html'), 'utf8');
  expect(page).toContain(`Statement of ${month}, by hospital for researcher`);
  expect(page).toContain('<td class="num">180.5</td>');
  expect(page).not.toMatch(/<script|src=|href=/);
  const [head, run, fee] = readFileSync(join(folder, 'november.csv'), 'utf8').split('\r\n');
  expect(head).toBe('licence,date,study,initiator,purpose,attempt,currency,amount');
  expect(run).toMatch(/,by-region,researcher,HRESCH,[^,]+,EUR,180\.5$/);
  // A hash that starts with '-' is no formula in a spreadsheet.
  expect(fee).toBe(`${hash.startsWith('-') ? "'" : ''}${hash},${month},month,,,,EUR,0`);
  // Another request is declined; the researcher's laptop asks for news.
  write('other.json', { ...wish(), title: 'Visits once more' });
  await play(folder, '$ symbolon market request other.json --home researcher\n! …\n…');
  const requests = await network.as('hospital', ({ market }) => market.requests());
  const other = requests.find((request) => request.hash !== hash)!.hash.slice(0, 8);
  await play(
    folder,
    `
$ symbolon market decline {other} --reason "Once is enough" --home hospital
…
$ symbolon market fetch --home researcher
…
`,
    { other },
  );
  // Somebody makes it cheaper.
  const file = JSON.parse(readFileSync(join(folder, 'november.json'), 'utf8'));
  const cheaper = Buffer.from(file.statement.payload, 'base64url').toString().replaceAll('180.5', '80.5');
  write('cheaper.json', {
    ...file,
    statement: { ...file.statement, payload: Buffer.from(cheaper).toString('base64url') },
  });
  await play(folder, '$ symbolon licence verify cheaper.json --home researcher\n! symbolon: …\n! …\n[1]');
});
