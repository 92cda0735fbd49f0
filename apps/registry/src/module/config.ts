import { accountSettings, checkConfig, type Home, homePaths, peopleServerSettings } from '@symbolon/service';
import { z } from 'zod';
import { authoritySettings } from '../common/authorities.ts';
import { pseudonymSettings } from './pseudonyms/source.ts';

const fieldName = z.string().regex(/^[a-z][a-zA-Z0-9]{0,39}$/, 'must be a name like dateOfBirth');
const group = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'must be a name like mental-health');

/** `settings` of a module's `symbolon.json`: this is its manual. */
export const settingsSchema = z
  .strictObject({
    /** Id of the central server, whose card is among the partners. */
    centre: z.string().min(1).max(31),
    /** X25519 keys of the central server, newest first: tickets are sealed to the first. Two while it changes them. Its administrators show them. */
    centreKeys: z.array(z.base64url().length(43)).min(1).max(2),
    /**
     * By what people are known here. Pseudonyms are made of the fields that are `required`, in this order; the others help to find out who is known twice. With
     * other required fields every patient would become another one: they stay as they are once there are patients.
     */
    fields: z
      .array(z.strictObject({ field: fieldName, as: z.enum(['name', 'place', 'date', 'code']), required: z.boolean() }))
      .min(1)
      .max(20)
      .refine((fields) => fields.some(({ required }) => required), 'one at least must be required')
      .refine(
        (fields) => new Set(fields.map(({ field }) => field)).size === fields.length,
        'no two may be called alike',
      ),
    /** How pseudonyms are made. */
    pseudonyms: pseudonymSettings,
    /** Confidentiality groups that patients can consent to, as the central server has them for this module. */
    groups: z.array(group).min(1).max(100),
    /** Whose health professionals' cards are believed. */
    physicians: authoritySettings.prefault({ folder: 'authorities/physicians' }),
    /** Patients' cards. */
    patients: z.strictObject({
      authorities: authoritySettings.prefault({ folder: 'authorities/patients' }),
      /** Which field of the person each of these parts of a certificate's subject has to be; what stands before it, such as PNOEE-, is left out. */
      subject: z
        .array(
          z.strictObject({
            part: z.enum(['commonName', 'serialNumber', 'givenName', 'surname']),
            field: fieldName,
            prefix: z.string().max(40).exactOptional(),
          }),
        )
        .min(1)
        .max(8),
    }),
    /**
     * Name of the key that tickets are signed with; the signing key of the card if absent. To change it: `symbolon registry ticket-key NAME` makes one and prints it,
     * the central server's administrators add it to the two that they believe, then it is named here.
     */
    ticketKey: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,30}$/)
      .exactOptional(),
    /** How long a ticket is good for, in minutes. */
    ticketMinutes: z.int().min(1).max(60).default(5),
    /** Requests that one physician may make in a minute, and persons that one may name in a day, in batches too. */
    maxRequestsPerMinute: z.int().min(1).max(100_000).default(120),
    maxPersonsPerDay: z.int().min(1).max(10_000_000).default(5000),
    /** Persons that one may name beyond that, one at a time, for an emergency; it is an alarm. */
    emergencyPersonsPerDay: z.int().min(1).max(1000).default(50),
    /** Tickets that one physician is given in a day; those for an emergency do not count. */
    maxTicketsPerDay: z.int().min(1).max(10_000_000).default(5000),
    /** Logins that one installation of the client may begin in a minute. */
    maxLoginsPerMinute: z.int().min(1).max(10_000).default(30),
    /** Refusals of one physician, or of one installation, in an hour before it is an alarm. */
    maxFailuresPerHour: z.int().min(1).max(10_000).default(10),
    /** Where those who operate this server reach it; nowhere but on the socket in the folder, if absent. */
    people: peopleServerSettings.optional(),
    /** How they log in. */
    accounts: accountSettings.prefault({}),
  })
  .superRefine(({ fields, patients }, context) => {
    for (const [i, { field }] of patients.subject.entries()) {
      if (fields.some((one) => one.field === field)) continue;
      context.addIssue({ code: 'custom', path: ['patients', 'subject', i, 'field'], message: 'must be one of fields' });
    }
  });

/** See {@link settingsSchema}. */
export type Settings = z.output<typeof settingsSchema>;

/** The settings of a home, defaults filled in. */
export function settingsOf({ path, config }: Home): Settings {
  return checkConfig(settingsSchema, config.settings, homePaths(path).config);
}
