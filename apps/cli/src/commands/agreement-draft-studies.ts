import { agreementText } from '../agreement-text.ts';
import type { Leaf } from '../command.ts';
import { withView } from '../organisation.ts';
import { readAgreementFile } from '../study/agreement-file.ts';

interface Options {
  keyService: string;
  replaces?: string;
}

/** `symbolon agreement draft-studies`. */
export const draftStudies: Leaf<Options> = {
  name: 'draft-studies <file>',
  summary: 'draft an agreement on studies over the data of several organisations',
  description:
    'Drafts an agreement on studies from a file: who holds which tables, what may be done with each column, which tables may be\n' +
    'joined, how many patients must stand behind a number, and the studies, each in a file of its own. Every party signs it.',
  examples: ['symbolon agreement draft-studies examples/e-coaching/agreement.yaml --key-service keys'],
  options: (command) =>
    command
      .requiredOption('--key-service <id>', 'who hands out one-time keys')
      .option('--replaces <hash>', 'the agreement that this one replaces'),
  served: true,
  run: async ({ ui, at }, [file], { keyService, replaces = null }) => {
    const terms = readAgreementFile(file!);
    const shown = await withView(at, ({ agreements }) =>
      agreements.draftStudies({ ...terms, keyService, predecessor: replaces }),
    );
    const afterwards = (): void =>
      ui.note(`Next: symbolon study explain NAME --agreement ${shown.hash.slice(0, 8)}; then sign and send it.`);
    return { json: shown, text: agreementText(shown), afterwards };
  },
};
