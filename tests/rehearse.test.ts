import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { writeRegisters } from '@symbolon/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jsonOf, root, symbolon } from './support/script.ts';

// A folder of its own as the system's temporary one, so that what is left behind can be seen.
let folder: string;
let temporary: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'symbolon-rehearse-'));
  temporary = mkdtempSync(join(tmpdir(), 's-'));
  writeFileSync(
    join(folder, 'left.csv'),
    'Patient ID,name,born,score\n17,Ann Lee,1950-03-01,1.5\n18,José Núñez,1961-12-24,2.25\n19,Cy Dee,1999-01-02,\n20,Tim Baker,1970-01-01,3\n',
  );
  writeFileSync(
    join(folder, 'right.csv'),
    'patient_id;name;born;score\r\n18;JOSE NUNEZ;24.12.1961;2.2\r\n91;Anne Lee;13.03.1950;1.5\r\n92;Tom Baker;01.01.1970;3\r\n',
  );
  writeFileSync(join(folder, 'bad.csv'), 'id,name\n1,Ann\n2,"Bob\n');
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(temporary, { recursive: true, force: true });
});

const files = ['--left', 'left.csv', '--right', 'right.csv'];
const rehearse = (args: string[]) => symbolon(folder, ['rehearse', 'link', ...args], { TMPDIR: temporary });

describe('rehearse link', () => {
  test('on two small files: the pairs of the clear run, precision and recall, all logs verified', async () => {
    const rule = 'agree(a.name, b.name) >= 0.85 OR a.patient_id = b.patient_id';
    const ran = await rehearse([
      ...files,
      '--rule',
      rule,
      '--truth',
      'a.patient_id = b.patient_id',
      '--pairs',
      'pairs.csv',
      '--json',
    ]);
    expect(ran.stderr).toContain('The rule run in the clear');
    expect(ran.code).toBe(0);
    const report = jsonOf(ran) as Record<string, unknown>;
    expect(Object.keys(report).slice(0, 11)).toEqual([
      'job',
      'left',
      'right',
      'matches',
      'equalsClear',
      'precision',
      'recall',
      'seconds',
      'bytes',
      'rounds',
      'auditVerified',
    ]);
    expect(report).toMatchObject({
      job: 'link',
      left: 4,
      right: 3,
      matches: 2,
      equalsClear: true,
      precision: 0.5,
      recall: 1,
      auditVerified: true,
      bytes: { left: expect.any(Number), right: expect.any(Number), keys: expect.any(Number) },
      processes: { left: { peakBytes: expect.any(Number), cpuSeconds: expect.any(Number) } },
    });
    // Jose; and the Bakers, 8 of 9 letters.
    expect(readFileSync(join(folder, 'pairs.csv'), 'utf8')).toBe('left_row,right_row\n2,1\n4,3\n');
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('with pads of full length, and no truth', async () => {
    const ran = await rehearse([
      ...files,
      '--rule',
      'a.name = b.name AND a.score - b.score <= 0.1',
      '--pads',
      'full',
      '--json',
    ]);
    expect(jsonOf(ran)).toMatchObject({
      matches: 1,
      equalsClear: true,
      precision: null,
      recall: null,
      auditVerified: true,
    });
  });

  test('where nobody matches', async () => {
    const ran = await rehearse([...files, '--rule', 'a.name = b.name AND a.score > 1000', '--json']);
    expect(jsonOf(ran)).toMatchObject({ matches: 0, equalsClear: true, auditVerified: true });
  });

  test('by blocking keys, and one partner a row: what the cap cuts is counted, all else equals the clear run', async () => {
    const { first, second } = writeRegisters(folder, { seed: 'rehearse', size: 3000 });
    const ran = await rehearse([
      ...['--left', first, '--right', second, '--rule', 'a.medicaid = b.medicaid OR a.name = b.name'],
      ...['--block', 'a.medicaid = b.medicaid', '--block', 'a.dob = b.dob', '--cap', '1'],
      ...['--cardinality', 'many-to-one', '--truth', 'a.person = b.person', '--json'],
    ]);
    expect(ran.code).toBe(0);
    const report = jsonOf(ran) as { cutPairs: number; matches: number; cut: Record<string, number> };
    expect(report).toMatchObject({ equalsClear: true, auditVerified: true, sessions: 2, shards: 1 });
    expect(report.matches).toBeGreaterThan(1000);
    expect(report.cut.left).toBeGreaterThan(0);
    const cap = await rehearse([...files, '--rule', 'a.name = b.name', '--cap', '2']);
    expect(cap.stderr).toContain('--cap is for blocking keys');
  });

  test('to one alone, or only how many: what opens agrees with the clear run', async () => {
    const rule = ['--rule', 'agree(a.name, b.name) >= 0.85'];
    const alone = await rehearse([
      ...files,
      ...rule,
      '--learn',
      'b',
      '--truth',
      'a.patient_id = b.patient_id',
      '--json',
    ]);
    expect(jsonOf(alone)).toMatchObject({
      opened: 'rows',
      matches: 2,
      equalsClear: true,
      precision: null,
      cutPairs: null,
    });
    const number = await rehearse([...files, ...rule, '--count']);
    expect(number.code).toBe(0);
    expect(number.stdout).toMatch(/clear run +equal: as many as the rule gives there/);
    const pairs = await rehearse([...files, ...rule, '--count', '--pairs', 'pairs.csv']);
    expect([pairs.code, pairs.stderr]).toEqual([2, expect.stringContaining('--pairs is for pairs that both learn')]);
  });

  test('what is wrong with the input is said before anything runs', async () => {
    const typo = await rehearse([...files, '--rule', 'a.nane = b.name', '--json']);
    expect(typo.code).toBe(1);
    expect(jsonOf(typo)).toMatchObject({
      error: { code: 'rule-unknown-column', message: expect.stringContaining('did you mean a.name?') },
    });
    const bad = await rehearse(['--left', 'bad.csv', '--right', 'right.csv', '--rule', 'a.name = b.name']);
    expect(bad.code).toBe(1);
    expect(bad.stderr).toMatch(/bad\.csv, line 3, column 'name': the quote that opens this value is not closed/);
    const truth = await rehearse([...files, '--rule', 'a.name = b.name', '--truth', 'a.nix = b.name']);
    expect(truth.code).toBe(1);
    expect(truth.stderr).toMatch(/--truth: .*nix/);
    const cut = await rehearse([...files, '--rule', 'a.name = b.name', '--truth', 'a.name =', '--json']);
    expect(jsonOf(cut)).toMatchObject({ error: { code: 'rule-syntax', culprit: '--truth' } });
    for (const [file, words] of [
      ['missing/pairs.csv', /^symbolon: --pairs: .*missing is not a folder\n/],
      ['.', /^symbolon: --pairs: \. is a folder\n/],
    ] as const) {
      const pairs = await rehearse([...files, '--rule', 'a.name = b.name', '--pairs', file]);
      expect(pairs.code).toBe(2);
      expect(pairs.stderr).toMatch(words);
    }
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('Ctrl-C stops every process and removes every folder', async () => {
    const bin = join(root, 'apps/cli/bin/symbolon.mjs');
    const args = [bin, 'rehearse', 'link', ...files, '--rule', 'a.name = b.name'];
    const child = spawn(process.execPath, args, { cwd: folder, env: { ...process.env, TMPDIR: temporary } });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    await new Promise<void>((resolve) => {
      child.stderr.on('data', (text) => {
        if (String(text).includes('a process of its own')) resolve();
      });
      child.once('exit', () => resolve());
    });
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test.skipIf(process.platform !== 'linux')('kill -9 leaves no server running', async () => {
    const bin = join(root, 'apps/cli/bin/symbolon.mjs');
    const args = [bin, 'rehearse', 'link', ...files, '--rule', 'a.name = b.name'];
    const child = spawn(process.execPath, args, { cwd: folder, env: { ...process.env, TMPDIR: temporary } });
    await new Promise<void>((resolve) => {
      child.stderr.on('data', (text) => {
        if (String(text).includes('a process of its own')) resolve();
      });
      child.once('exit', () => resolve());
    });
    expect(serversIn(temporary).length).toBe(3);
    child.kill('SIGKILL');
    for (let tries = 0; tries < 100 && serversIn(temporary).length > 0; tries++) await setTimeout(100);
    expect(serversIn(temporary)).toEqual([]);
  });
});

/** Processes whose command line names this folder. */
function serversIn(path: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(path);
    } catch {
      // It has ended meanwhile.
      return false;
    }
  });
}

const febrl4 = join(root, '../shared/data/febrl4');
const present = existsSync(join(febrl4, 'dataset4a.csv'));
if (!present)
  console.warn('skipped: FEBRL4 is not here. Put dataset4a.csv and dataset4b.csv into ../shared/data/febrl4.');

describe.skipIf(!present)('FEBRL4', () => {
  // The whole of it with SLOW=1, and in `npm run bench -- link`.
  const rows = process.env.SLOW ? 5000 : 1500;

  test(`${rows} × ${rows}: equal to the clear run, pair by pair`, async () => {
    const columns = (side: string) =>
      ['street_number', 'address_1', 'address_2', 'suburb', 'postcode', 'state']
        .map((name) => `${side}.${name}`)
        .join(', ');
    const agreed = `agree(a.given_name || a.surname, b.given_name || b.surname) >= 0.9 AND agree(concat_ws(' ', ${columns('a')}), concat_ws(' ', ${columns('b')})) >= 0.9`;
    const number = (side: string) => `regexp_extract(${side}.rec_id, 'rec-(\\d+)-', 1)`;
    const [left, right] = ['dataset4a.csv', 'dataset4b.csv'].map((name) => {
      const lines = readFileSync(join(febrl4, name), 'utf8')
        .split('\n')
        .slice(0, rows + 1);
      writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
      return name;
    }) as [string, string];
    const rule = `a.soc_sec_id = b.soc_sec_id OR (${agreed})`;
    const truth = `${number('a')} = ${number('b')}`;
    const ran = await rehearse(['--left', left, '--right', right, '--rule', rule, '--truth', truth, '--json']);
    expect(jsonOf(ran)).toMatchObject({
      left: rows,
      right: rows,
      equalsClear: true,
      precision: 1,
      auditVerified: true,
      ...(rows === 5000 ? { matches: 4681, recall: 0.9362 } : {}),
    });
  });
});
