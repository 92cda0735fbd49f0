import type { Card } from '@symbolon/agreement';
import { evaluateRequest, mostElements } from '@symbolon/consent';
import { base64url, fault, fromBase64url } from '@symbolon/crypto';
import { type Route, route } from '@symbolon/service';
import type { Settings } from './config.ts';
import type { Evaluations } from './evaluations.ts';

/** Bytes of a JSON text with that many elements, and some to spare. */
const bodyLimit = mostElements * 64;

/** All that a module can ask. */
export function moduleRoutes({ module }: Settings, evaluations: Evaluations): Route<Card>[] {
  return [
    route<Card>()({
      method: 'POST',
      path: '/v1/evaluate',
      body: evaluateRequest,
      bodyLimit,
      admit: async ({ id, role }) => {
        if (id === module && role === 'module') return;
        throw fault('peer-refused', `${id} is not the module whose keys are here`, { culprit: id });
      },
      handle: async ({ body: { key, elements } }) => {
        const evaluated = await evaluations.evaluate(key, elements.map(fromBase64url));
        return { elements: evaluated.map(base64url) };
      },
    }),
  ];
}
