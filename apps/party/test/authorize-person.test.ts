import { type Role, roles } from '@symbolon/agreement';
import { SymbolonError } from '@symbolon/crypto';
import { owner } from '@symbolon/service';
import { describe, expect, test } from 'vitest';
import { contracts } from '../src/api/index.ts';
import { schemaText } from '../src/authorize/cedar.ts';
import { allowedTo, authorizePerson } from '../src/authorize.ts';

const actions = [...new Set(contracts.flatMap(({ action }) => action ?? []))].sort();
const user = (...held: Role[]) => ({ kind: 'user', id: 'ann', roles: held }) as const;

const refusal = (person: Parameters<typeof authorizePerson>[0], action: string): SymbolonError | undefined => {
  try {
    authorizePerson(person, action);
    return undefined;
  } catch (error) {
    if (error instanceof SymbolonError) return error;
    throw error;
  }
};

test('every operation of the API is an action that policies know, and that somebody may do', () => {
  for (const action of actions) {
    expect(schemaText, action).toContain(`"${action}"`);
    expect(
      roles.some((role) => refusal(user(role), action) === undefined),
      action,
    ).toBe(true);
  }
});

test('docs/roles.md says just what the policies permit', async () => {
  const rows = actions.map((action) => {
    const marks = roles.map((role) => (allowedTo(role, [action]).length === 1 ? '✔' : ''));
    return `| \`${action}\` | ${marks.join(' | ')} |`;
  });
  const page = [
    '# What each role may do',
    '',
    'By the action of an operation of the [API](api.md); made of the policies, which [authorisation](authorisation.md) explains.',
    '',
    `| | ${roles.join(' | ')} |`,
    `|---|${roles.map(() => '---|').join('')}`,
    ...rows,
    '',
  ];
  await expect(page.join('\n')).toMatchFileSnapshot('../../../docs/roles.md');
});

describe('without a role', () => {
  test.each(actions.filter((action) => !action.startsWith('self.')))('%s is refused', (action) => {
    expect(refusal(user(), action)).toMatchObject({ code: 'forbidden', culprit: 'ann' });
  });

  test('everybody manages themselves', () => expect(refusal(user(), 'self.manage')).toBe(undefined));
});

test('what is not known is refused, whoever asks', () => {
  for (const action of ['study.runs', '', 'take part', 'Look']) {
    expect(refusal(user(...roles), action), action).toMatchObject({ code: 'forbidden' });
  }
});

test('a refusal says which roles one has, the policy in words, and who gives roles', () => {
  const refused = refusal(user('analyst', 'auditor'), 'agreement.sign')!;
  expect(refused.message).toBe(
    'ann has the roles analyst, auditor here, and that is not enough to do this: agreement.sign',
  );
  expect(refused.hint).toBe(
    'Privacy officers sign for the organisation, and suspend and revoke what it has signed. An operator gives roles: symbolon user roles',
  );
});

test('the owner does everything as long as there are no users, and is an operator from then on', () => {
  for (const action of actions) expect(refusal(owner(false), action), action).toBe(undefined);
  expect(actions.filter((action) => refusal(owner(true), action) === undefined)).toEqual(
    allowedTo('operator', actions),
  );
  expect(refusal(owner(true), 'study.approve')).toMatchObject({ code: 'forbidden' });
});

test('nobody who runs studies approves them, keeps users, or signs; nobody who keeps users sees results', () => {
  expect(allowedTo('analyst', ['study.approve', 'user.change', 'agreement.sign', 'study.run'])).toEqual(['study.run']);
  expect(allowedTo('operator', ['study.result', 'link.result', 'study.approve', 'agreement.sign'])).toEqual([]);
  expect(allowedTo('auditor', ['study.result', 'link.result', 'study.run', 'dataset.add', 'user.add'])).toEqual([]);
});
