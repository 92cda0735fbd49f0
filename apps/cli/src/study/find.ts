import { existsSync } from 'node:fs';
import { fault } from '@symbolon/crypto';
import type { OrganisationView } from '@symbolon/party';
import { readAgreementFile, readStudyFile } from './agreement-file.ts';

/** A study of an agreement that is stored here. */
export interface FoundStudy {
  readonly agreement: string;
  readonly name: string;
}

/**
 * The study that was typed: a study file, or a name. Its agreement: by hash, where that was typed; else the one that the file names, by
 * hash or title, or the only one that lists such a study.
 *
 * @throws SymbolonError `not-found`, `study-invalid`
 */
export async function findStudy(
  { studies }: Pick<OrganisationView, 'studies'>,
  typed: string,
  agreement?: string,
): Promise<FoundStudy> {
  const listed = await studies.list(agreement);
  if (!existsSync(typed)) {
    const own = listed.filter(({ name }) => name === typed);
    if (own.length === 1) return own[0]!;
    if (own.length > 1) {
      const hashes = own.map((one) => one.agreement.slice(0, 8)).join(', ');
      throw fault('conflict', `several agreements list a study '${typed}'`, {
        hint: `Add --agreement, one of ${hashes}.`,
      });
    }
    const known = listed.map(({ name }) => name).join(', ');
    throw fault(
      'not-found',
      `no agreement here lists a study '${typed}'${known === '' ? '' : `; they list ${known}`}`,
      {
        culprit: typed,
      },
    );
  }
  const { study, agreement: path } = readStudyFile(typed);
  const title = existsSync(path) ? readAgreementFile(path).title : study.agreement;
  const named = listed.filter((one) => one.title === title || one.agreement.startsWith(study.agreement));
  const hash = agreement ?? named[0]?.agreement;
  if (hash === undefined) {
    throw fault('not-found', `there is no agreement "${title}" here`, {
      culprit: typed,
      hint: 'Agreements: symbolon agreement list. Draft one: symbolon agreement draft-studies FILE',
    });
  }
  return { agreement: hash, name: await studies.nameOf(hash, study) };
}
