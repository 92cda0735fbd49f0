import { contract } from '@symbolon/service';
import { z } from 'zod';
import { demoSettings } from '../demo.ts';

export const getDemo = contract({
  name: 'getDemo',
  summary: 'The other consoles of a demo on made-up people, and how to log in there; null at any other server',
  action: 'self.show',
  method: 'GET',
  path: '/v1/demo',
  answer: z.strictObject({ demo: demoSettings.nullable() }),
});
