import {
  type Blinded,
  blindInput,
  blindWith,
  evaluateAnswer,
  finalize,
  mostElements,
  oprfReady,
} from '@symbolon/consent';
import { base64url, fault, fromBase64url, type Rng, utf8 } from '@symbolon/crypto';
import type { Client } from '@symbolon/service';
import { type Evaluator, inputOf, type PseudonymMaker, withPauses } from './maker.ts';

const pseudonymBytes = 32;
// Without a blind: everybody may know this one.
const one = Uint8Array.of(1, ...new Uint8Array(31));

/**
 * Pseudonyms by an oblivious PRF whose key another server has (RFC 9497). Runs at: the module. That server learns how many are made, and nothing of whom; the
 * module cannot make any without it.
 * @param params.key its name at that server
 */
export function oprfMaker(params: { module: string; key: string; server: Evaluator; rng: Rng }): PseudonymMaker {
  const { module, key, server, rng } = params;
  return {
    async make(texts) {
      await oprfReady;
      const checked = blindWith(utf8(inputOf(module, '')), one);
      const inputs = texts.map((text) => utf8(inputOf(module, text)));
      const blinded = await withPauses(inputs, (input): Blinded => blindInput(input, rng));
      const evaluated: Uint8Array[] = [];
      let check = checked;
      // One place of each request is that of the check.
      for (let at = 0; at === 0 || at < blinded.length; at += mostElements - 1) {
        const elements = blinded.slice(at, at + mostElements - 1).map(({ element }) => element);
        const [first, ...rest] = await server.evaluate(key, [checked, ...elements]);
        if (at > 0 && Buffer.compare(first!, check) !== 0)
          throw fault('pseudonym-key', 'the key of pseudonyms was changed meanwhile');
        check = first!;
        evaluated.push(...rest);
      }
      const pseudonyms = await withPauses(inputs, (input, i) =>
        finalize(input, blinded[i]!.blind, evaluated[i]!).subarray(0, pseudonymBytes),
      );
      return { pseudonyms, check };
    },
  };
}

/** The server that has the key, asked over mutual TLS. */
export function evaluatorAt(client: Client): Evaluator {
  return {
    async evaluate(key, elements) {
      const body = { key, elements: elements.map(base64url) };
      const answer = await client.call('POST', '/v1/evaluate', { body, answer: evaluateAnswer });
      if (answer.elements.length === elements.length) return answer.elements.map(fromBase64url);
      const sizes = `${answer.elements.length} elements for ${elements.length}`;
      throw fault('frame-shape', `${client.who} answered with ${sizes}`, { culprit: client.who });
    },
  };
}
