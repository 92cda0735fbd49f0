import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Organisations } from '../support/organisations.ts';
import { jsonOf, root, symbolon } from '../support/script.ts';

const passphrase = 'vierzehn grüne Zebras am Fluss';
const page = readFileSync(join(root, 'docs/outsourcing.md'), 'utf8');
const [, agreement] = /^```yaml\n([\s\S]*?)^```$/m.exec(page)!;
const [, model] = /^```yaml\n(scores: [\s\S]*?)^```$/m.exec(page)!;
const rows = Array.from({ length: 200 }, (_, i) => `P${i},${i % 2 === 0},${20 + (i % 50)},${i % 100}.5`);

let place: Organisations;
beforeAll(async () => {
  place = new Organisations();
  const { folder } = place;
  writeFileSync(join(folder, 'people.csv'), ['pid,treated,age,cost', ...rows].join('\n'));
  writeFileSync(join(folder, 'agreement.yaml'), agreement!);
  const roles = { hospital: 'party', cloud: 'compute', keys: 'keyservice' };
  for (const [id, role] of Object.entries(roles)) {
    await place.play(`$ symbolon init ${id} --host 127.0.0.1 --role ${role} --home ${id}`);
    const invited = ['partner', 'invite', '--home', id, '--out', `${id}.card`];
    place.names[id] = (await place.value<{ fingerprint: string }>(invited)).fingerprint;
  }
  for (const id of Object.keys(roles)) {
    for (const other of Object.keys(roles)) {
      if (other === id) continue;
      await place.play(`$ symbolon partner accept ${other}.card --home ${id} --fingerprint {${other}}`);
    }
  }
});
afterAll(() => place.close());

const hospital = ['--home', 'hospital'];
const said = async (args: readonly string[], input = ''): Promise<Record<string, unknown>> => {
  const ran = await symbolon(place.folder, [...args, ...hospital, '--json'], {}, input);
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stdout + ran.stderr).not.toContain(passphrase);
  return jsonOf(ran) as Record<string, unknown>;
};

test('a hospital asks a server about an encrypted table, as docs/outsourcing.md says', async () => {
  await said(['data', 'add', 'people', 'people.csv']);
  const { hash } = (await said(['agreement', 'draft-file', 'agreement.yaml'])) as { hash: string };
  await said(['agreement', 'sign', hash]);
  await said(['agreement', 'send', hash, '--out', 'agreement.json']);
  await place.play('$ symbolon seal countersign agreement.json --out signed.json --home cloud');
  await said(['agreement', 'receive', 'signed.json']);
  await place.serve('compute', 'cloud');
  await place.serve('party', 'hospital');

  expect(await said(['seal', 'keygen', '--agreement', hash], `${passphrase}\n`)).toMatchObject({ id: 1, open: true });
  await said(['seal', 'encrypt', 'patients', '--agreement', hash, '--key', '1', '--cut', 'age=30,60']);
  await said(['seal', 'upload', '1']);
  const sql = 'SELECT treated, COUNT(*) AS n FROM patients WHERE age >= 30 GROUP BY treated ORDER BY treated';
  expect(await said(['seal', 'ask', sql, '--agreement', hash])).toMatchObject({ id: 1, approvalsNeeded: 1 });
  await said(['seal', 'approve', '1']);
  const expected = [
    ['false', String(rows.filter((_, i) => i % 2 === 1 && i % 50 >= 10).length)],
    ['true', String(rows.filter((_, i) => i % 2 === 0 && i % 50 >= 10).length)],
  ];
  expect(await said(['seal', 'run', '1'])).toMatchObject({ released: { rows: expected, recomputed: 'same' } });
  const shown = await symbolon(place.folder, ['seal', 'open', '1', ...hospital]);
  expect(shown.stdout).toContain('the same as the rows in the clear come to');
  for (const file of ['report.html', 'result.csv', 'result.json']) await said(['seal', 'open', '1', '--out', file]);
  expect(readFileSync(join(place.folder, 'report.html'), 'utf8')).toContain('Encrypted patients');
  expect(readFileSync(join(place.folder, 'result.csv'), 'utf8')).toContain(expected[0]!.join(','));

  expect(await said(['seal', 'release', '1'])).toEqual({ run: 1 });
  expect(await said(['seal', 'release', '1', '--withdraw'])).toEqual({ run: 1 });

  await said(['seal', 'lock', '1']);
  const locked = await symbolon(place.folder, ['seal', 'run', '1', ...hospital, '--json']);
  expect([locked.code, locked.stderr + locked.stdout]).toEqual([1, expect.stringContaining('seal-key')]);
  await said(['seal', 'rotate', '1'], `${passphrase}\nneun ${passphrase}\n`);
  expect(await said(['seal', 'list'])).toMatchObject({
    keys: [{ state: 'destroyed' }, { state: 'active', tables: [2] }],
    tables: [{ state: 'deleted' }, { state: 'uploaded' }],
    runs: [{ state: 'done' }],
  });
  expect(await said(['seal', 'run', '1'])).toMatchObject({ released: { rows: expected } });
  await said(['seal', 'remove', '2']);

  // Scores, of a key and a table of their own.
  writeFileSync(join(place.folder, 'risk.yaml'), model!);
  const made = await said(['seal', 'keygen', '--agreement', hash, '--scores'], `${passphrase}\n`);
  expect(made).toMatchObject({ id: 3, kind: 'features', open: true });
  const features = ['--key', '3', '--features', 'age,cost,treated'];
  await said(['seal', 'encrypt', 'patients', '--agreement', hash, ...features]);
  await said(['seal', 'upload', '3']);
  expect(await said(['seal', 'ask', 'risk.yaml', '--agreement', hash])).toMatchObject({ id: 2, kind: 'scores' });
  await said(['seal', 'approve', '2']);
  const scored = await said(['seal', 'score', '2', '--out', 'scores.csv']);
  expect(scored).toMatchObject({ run: 3, scored: { scores: 200, recomputed: 'same' }, file: 'scores.csv' });
  const [header, first, ...others] = readFileSync(join(place.folder, 'scores.csv'), 'utf8').trim().split('\r\n');
  expect([header, others.length]).toEqual(['patient,score', 199]);
  // P0: treated, 20 years, 0.50.
  const clear = 1 / (1 + Math.exp(4.5 - 20 * 0.061 - 0.5 * 0.0017 + 0.7));
  expect(first!.split(',')).toEqual(['P0', expect.anything()]);
  expect(Number(first!.split(',')[1])).toBeCloseTo(clear, 5);
  expect(await said(['seal', 'open', '3', '--out', 'again.csv'])).toMatchObject({ run: 3, file: 'again.csv' });
  expect(readFileSync(join(place.folder, 'again.csv'))).toEqual(readFileSync(join(place.folder, 'scores.csv')));
  const released = await symbolon(place.folder, ['seal', 'release', '3', ...hospital, '--json']);
  expect([released.code, released.stderr + released.stdout]).toEqual([1, expect.stringContaining('score-release')]);
});
