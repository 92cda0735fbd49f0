import { contract } from '@symbolon/service';
import { z } from 'zod';

const certificate = z.strictObject({
  what: z.enum(['server', 'organisation']),
  from: z.iso.datetime(),
  until: z.iso.datetime(),
});

export const getServer = contract({
  name: 'getServer',
  summary: 'What this organisation shows of itself to others, and how long its certificates hold',
  action: 'server.status',
  method: 'GET',
  path: '/v1/server',
  answer: z
    .strictObject({
      address: z.string().describe('Where partners reach this server'),
      fingerprint: z.string().describe('Of the organisation key; people compare it by telephone.'),
      card: z.string().describe('The signed file that partners add. It is public'),
      logOrigin: z.string().describe('Name under which the log signs its checkpoints'),
      certificates: z.array(certificate),
      version: z.string().describe('Of Symbolon'),
      node: z.string(),
      database: z.string().describe('Product and version'),
    })
    .meta({ id: 'Server' }),
});

export const serverContracts = [getServer];
