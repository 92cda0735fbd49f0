import { type Contract, logReading, owner, type Role, roles } from '@symbolon/service';
import { expect, test } from 'vitest';
import { authorizeCentre } from '../../src/centre/authorize.ts';
import * as contracts from '../../src/centre/every-contract.ts';
import { authorizeModule } from '../../src/module/authorize.ts';

const may = (role: Role, action: string, authorize = authorizeCentre): boolean => {
  try {
    authorize({ kind: 'user', id: 'user', roles: [role] }, action);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'forbidden', culprit: 'user' });
    return false;
  }
};

test('who may do what at a centre: a table', () => {
  const actions = [
    ...new Set(
      Object.values<object>({ ...contracts, ...logReading }).flatMap((each) =>
        'action' in each ? [(each as Contract).action!] : [],
      ),
    ),
  ];
  const table = Object.fromEntries(actions.sort().map((action) => [action, roles.filter((role) => may(role, action))]));
  expect(table).toEqual({
    'alarm.read': ['privacy-officer', 'operator', 'auditor'],
    'alarm.see': ['privacy-officer', 'operator'],
    'centre.change-key': ['operator'],
    'centre.review': ['operator'],
    'log.export': ['privacy-officer', 'auditor'],
    'log.list': ['privacy-officer', 'auditor'],
    'log.show': ['privacy-officer', 'auditor'],
    'record-type.add': ['data-steward'],
    'record-type.read': ['data-steward', 'privacy-officer', 'analyst', 'operator', 'auditor'],
    'record.export': ['privacy-officer'],
    'research.approve': ['privacy-officer'],
    'research.ask': ['analyst'],
    'research.read': ['privacy-officer', 'analyst', 'auditor'],
    'server.status': ['operator'],
  });
  // Names that every object has are no actions.
  expect(may('auditor', 'constructor')).toBe(false);
  for (const action of actions) authorizeCentre(owner(false), action);
  expect(() => authorizeCentre(owner(true), 'record.export')).toThrow(expect.objectContaining({ code: 'forbidden' }));
});

test('at a module operators do all but read its log', () => {
  const who = (action: string) => roles.filter((role) => may(role, action, authorizeModule));
  for (const action of ['log.list', 'log.show', 'log.export'])
    expect(who(action)).toEqual(['privacy-officer', 'auditor']);
  for (const action of ['registry.physicians', 'registry.patients', 'user.add', 'constructor']) {
    expect(who(action)).toEqual(['operator']);
  }
  expect(who('self.show')).toEqual([...roles]);
});
