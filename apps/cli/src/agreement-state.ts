import type { AgreementInfo } from '@symbolon/party';
import { facts } from './ui.ts';

type Stated = Pick<AgreementInfo, 'hash' | 'state' | 'notices' | 'version' | 'untold' | 'missing'>;

/** What has become of an agreement, by whom, why, and what comes next. */
export function stateText(info: Stated): string {
  const { state, notices, untold } = info;
  const said = notices.map(({ by, at, reason }) => `by ${by} on ${at.slice(0, 10)}: ${reason}`);
  return facts([
    ['state', [state, ...said].join('\n')],
    ...(untold.length === 0 ? [] : ([['not told', `${untold.join(', ')}: the server goes on trying`]] as const)),
    ['next', nextStep(info)],
  ]);
}

/** What comes next, in a sentence. */
export function nextStep({ hash, state, notices, version, missing }: Stated): string {
  const short = hash.slice(0, 8);
  const other = version?.slice(0, 8) ?? '';
  const who = [...new Set(notices.map(({ by }) => by))].join(' and ');
  switch (state) {
    case 'draft':
      return `sign it (symbolon agreement sign ${short}), then send it`;
    case 'proposed':
      return `${missing.join(', ')} can sign, counter or decline it`;
    case 'countered':
      return `read the answer (symbolon agreement show ${other}), then sign, counter or decline that`;
    case 'signed':
      return 'nothing until its term begins';
    case 'active':
      return `symbolon link run ${short}, or symbolon study list`;
    case 'amended':
      return `use the version in its place: symbolon agreement show ${other}`;
    case 'suspended':
      return `nothing runs until ${who} resumes it (symbolon agreement resume ${short})`;
    case 'declined':
    case 'revoked':
    case 'expired':
      return 'it has ended; draft a new one if all still want it';
  }
}
