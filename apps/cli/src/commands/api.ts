import { describeApi } from '@symbolon/party';
import type { Leaf } from '../command.ts';

/** `symbolon api openapi`. */
export const openapi: Leaf<object> = {
  name: 'openapi',
  summary: "print the description of the server's API, OpenAPI 3.1",
  examples: ['symbolon api openapi > openapi.json'],
  home: false,
  run: async () => {
    const json = describeApi();
    return { json, text: JSON.stringify(json, null, 1) };
  },
};
