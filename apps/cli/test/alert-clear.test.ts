import { expect, test } from 'vitest';
import { compareAlerts, type ExpectedAlert } from '../src/rehearsal/alert-clear.ts';

const alert = (row: number, time: string | null = '2026-03-09T08:15:00.000Z'): ExpectedAlert => ({
  event: 'heart',
  members: [row],
  time,
});

test('what is missing, twice, or had not to come is counted', () => {
  const expected = [alert(1), alert(2), alert(2), alert(3, null)];
  expect(compareAlerts(expected, expected.toReversed())).toEqual({ missing: 0, twice: 0, others: 0 });
  expect(compareAlerts(expected, [alert(1), alert(2), alert(3, null)])).toEqual({ missing: 1, twice: 0, others: 0 });
  expect(compareAlerts(expected, [...expected, alert(1)])).toEqual({ missing: 0, twice: 1, others: 0 });
  expect(compareAlerts(expected, [...expected, alert(4)])).toEqual({ missing: 0, twice: 0, others: 1 });
  expect(compareAlerts(expected, [])).toEqual({ missing: 4, twice: 0, others: 0 });
});
