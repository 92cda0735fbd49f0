import { expect, onTestFinished, test } from 'vitest';
import * as api from '../src/api/outsource.ts';
import { answered, approved, newestRun, sealPatients } from './sealed-calls.ts';
import { passphrase, patientsCsv, sealedAgreement, sealedNetwork } from './sealed-network.ts';

const bands = ['age is unknown', 'age in band 0', 'age in band 1', 'age in band 2'];
const points: Record<string, number> = { 'treated=true': 3, [bands[0]!]: 1, [bands[2]!]: 2, [bands[3]!]: 6 };
const model = { table: 'patients', columns: ['treated', 'age'], most: 9 };
const own = { ...model, owner: 'hospital', points, mostTotals: 8 };
const sql = (rest: string) =>
  `SELECT treated, COUNT(*) AS n, SUM(risk) AS risk, AVG(risk) AS mean FROM patients ${rest} GROUP BY treated ORDER BY treated`;

test("points by a researcher's secret model are added up on encrypted rows: sums of many alone come out, and no more of them than the researcher allows", async () => {
  // Two chunks, each in a process of its own.
  const csv = patientsCsv(8000);
  const models = { risk: own, wider: { ...own, most: 8 } };
  const network = await sealedNetwork(csv, { processes: 2, models });
  onTestFinished(() => network.close());
  const agreement = await network.agree(sealedAgreement({ models: { risk: model, wider: model, unknown: model } }));
  await network.start();
  const client = network.client();
  const { id: key } = await client.call(api.makeSealKey, { body: { agreement, passphrase } });
  await sealPatients(client, agreement, key);
  const ask = async (text: string) => answered(client, await approved(client, agreement, text));

  const all = await ask(sql(''));
  expect(all).toMatchObject({ recomputed: 'model', rows: clear(csv, () => true) });
  const some = await ask(sql('WHERE age >= 30'));
  expect(some.rows).toEqual(clear(csv, (age) => age >= 30));
  // The owner states that it cannot compute this again.
  expect(await newestRun(client)).toMatchObject({ state: 'done', logEpoch: 1 });

  await expect(ask('SELECT risk, COUNT(*) AS n FROM patients GROUP BY risk')).rejects.toMatchObject({
    code: 'study-policy',
  });
  await expect(ask('SELECT VAR_SAMP(risk) AS v FROM patients')).rejects.toMatchObject({ code: 'circuit' });
  await expect(ask(sql("WHERE age >= 30 AND region = 'north'"))).rejects.toMatchObject({ code: 'circuit' });
  // Its points do not keep to what the agreement says; no such model is there.
  await expect(ask(sql('').replaceAll('(risk)', '(wider)'))).rejects.toMatchObject({ code: 'circuit' });
  await expect(ask(sql('').replaceAll('(risk)', '(unknown)'))).rejects.toMatchObject({ code: 'not-found' });
  // Two totals a question: four are left.
  await ask(sql('WHERE age < 30'));
  await ask(sql('WHERE age < 60'));
  await expect(ask(sql('WHERE age >= 60'))).rejects.toMatchObject({
    code: 'compute-quota',
    message: expect.stringContaining('at most 8 totals'),
  });
  expect(await ask('SELECT COUNT(*) AS n FROM patients')).toMatchObject({ rows: [['8000']], recomputed: 'same' });
});

/** By treatment: how many, and their points, by plain arithmetic. */
function clear(csv: string, counts: (age: number) => boolean): string[][] {
  const rows = csv
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
  return ['no', 'yes'].map((treated) => {
    const own = rows.filter((row) => row[1] === treated && counts(row[3] === '' ? Number.NaN : Number(row[3])));
    const whole = counts(Number.POSITIVE_INFINITY) && counts(Number.NEGATIVE_INFINITY);
    const group = whole ? rows.filter((row) => row[1] === treated) : own;
    const sum = group.reduce((total, [, , , age]) => {
      const band = age === '' ? 0 : Number(age) < 30 ? 1 : Number(age) < 60 ? 2 : 3;
      return total + (points[bands[band]!] ?? 0) + (treated === 'yes' ? 3 : 0);
    }, 0);
    return [String(treated === 'yes'), String(group.length), String(sum), expect.any(String)];
  });
}
