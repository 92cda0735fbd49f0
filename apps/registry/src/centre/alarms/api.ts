import { contract, nothing, pageOf, pageQuery } from '@symbolon/service';
import { z } from 'zod';
import { alarms } from '../alarm.ts';

export const listAlarms = contract({
  name: 'listAlarms',
  summary: 'What administrators should look at, the newest first',
  action: 'alarm.read',
  method: 'GET',
  path: '/v1/alarms',
  query: pageQuery.extend({
    after: z
      .string()
      .regex(/^\d{1,15}$/)
      .optional(),
    module: z.string().max(31).optional(),
    alarm: z.enum(alarms).optional(),
    open: z
      .enum(['true', 'false'])
      .transform((text) => text === 'true')
      .optional()
      .describe('Only those that nobody has looked at'),
  }),
  answer: pageOf(
    z
      .strictObject({
        id: z.int(),
        module: z.string(),
        alarm: z.enum(alarms),
        patient: z.int().nullable().describe('Internal number'),
        physician: z.string().nullable(),
        installation: z.string().nullable(),
        text: z.string(),
        at: z.string(),
        seenAt: z.string().nullable(),
        seenBy: z.string().nullable(),
        note: z.string().nullable(),
      })
      .meta({ id: 'RegistryAlarm' }),
  ),
});

export const seeAlarm = contract({
  name: 'seeAlarm',
  summary: 'Says that somebody has looked at an alarm, and what was found',
  action: 'alarm.see',
  method: 'POST',
  path: '/v1/alarms/:alarm/seen',
  params: z.strictObject({ alarm: z.coerce.number().int().min(1) }),
  body: z.strictObject({ note: z.string().min(1).max(1000).nullable() }),
  answer: nothing,
  repeatable: true,
  errors: ['not-found'],
});

export const alarmContracts = [listAlarms, seeAlarm];
