import { type ApiRoute, answer } from '@symbolon/service';
import type { Alarms } from './alarms.ts';
import { listAlarms, seeAlarm } from './api.ts';

export function alarmRoutes(alarms: Alarms): ApiRoute[] {
  return [
    answer(listAlarms, ({ query }) => alarms.list(query)),
    answer(seeAlarm, async ({ caller, params, body }) => alarms.see(params.alarm, caller.id, body.note)),
  ];
}
