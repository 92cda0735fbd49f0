import { saltedPseudonym } from '@symbolon/consent';
import { inputOf, type PseudonymMaker, withPauses } from './maker.ts';

/** The paper's pseudonyms: hashes with the module's secret salt. */
export function saltedMaker(module: string, salt: Uint8Array): PseudonymMaker {
  const check = saltedPseudonym(salt, inputOf(module, ''));
  return {
    async make(texts) {
      const pseudonyms = await withPauses(texts, (text) => saltedPseudonym(salt, inputOf(module, text)));
      return { pseudonyms, check };
    },
  };
}
