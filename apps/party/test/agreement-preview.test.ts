import { expect, onTestFinished, test } from 'vitest';
import { agree, rule, testNetwork } from './network.ts';

test('a link is told in words before its draft is kept, an agreement text has its problems by line, and a version what it changes', async () => {
  const network = await testNetwork();
  onTestFinished(() => network.close());
  const hash = await agree(network, { signed: false });
  const partnerDataset = await network.sally(({ agreements }) => agreements.describe('patients'));
  await network.fred(async ({ agreements }) => {
    const terms = {
      title: 'Another',
      as: 'a' as const,
      partner: 'sally',
      keyService: 'keys',
      dataset: 'members',
      partnerDataset,
      maxRows: 100,
      maxRuns: 3,
      term: { from: '2020-01-01', until: '2099-12-31' },
    };
    const told = await agreements.preview({ ...terms, rule, reveal: 'count', learn: 'a' });
    expect(told.rule[0]).toContain(rule);
    expect(told.learned).toMatch(/alone: how many pairs match/);
    await expect(agreements.preview({ ...terms, rule: 'a.shoe = b.shoe' })).rejects.toMatchObject({
      code: 'rule-unknown-column',
    });
    expect(await agreements.list()).toHaveLength(1);

    const problems = await agreements.textProblems('kind: agreement\ntitel: wrong\n', 'yaml');
    expect(problems).toContainEqual(expect.objectContaining({ line: 2, field: 'titel' }));
    expect(problems.every(({ hint }) => hint.length > 0)).toBe(true);

    expect(await agreements.differences(hash)).toEqual({ before: null, changes: [] });
    await agreements.approve(hash, 'sign');
    expect(await agreements.approvals(hash)).toEqual([expect.objectContaining({ action: 'sign', agreement: hash })]);
    await agreements.sign(hash);
    const answer = await agreements.counter(hash, { link: { maxRuns: 2 } });
    const { before, changes } = await agreements.differences(answer.hash);
    expect(before).toBe(hash);
    expect(changes.flatMap(({ lines }) => lines).join('\n')).toMatch(/10.*→.*2/);
  });
});
