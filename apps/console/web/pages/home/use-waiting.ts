import { useAll, useAsk } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { daysUntil } from '../../parts/days.ts';
import type { Thing } from '../../parts/things.tsx';
import { texts } from '../../texts/index.ts';
import { useLicences, useSecondPeople } from './use-decisions.ts';

const words = texts.home.waiting;
const soon = 30;

/** What waits for me, the most binding first; undefined until it is known. */
export function useWaiting(): readonly Thing[] | undefined {
  const asked = [
    useLicences(),
    useAgreements(),
    useStudies(),
    useQuestions(),
    useSecondPeople(),
    useAlerts(),
    useServer(),
    useBeginnings(),
  ];
  return asked.some((things) => things === undefined) ? undefined : asked.flatMap((things) => things!);
}

function useAgreements(): Thing[] | undefined {
  const { may } = useSession();
  const wanted = may('agreement.sign');
  const status = useAsk('getStatus', {}, { enabled: wanted });
  const agreements = useAll('listAgreements', {}, { enabled: wanted });
  if (!wanted) return [];
  if (agreements.data === undefined || status.data === undefined) return undefined;
  const { id } = status.data;
  return agreements.data.items
    .filter(({ state, missing, agreement: { licence } }) => {
      const asksUs = licence !== undefined && licence.licensee !== id;
      return ['draft', 'proposed'].includes(state) && missing.includes(id) && !(asksUs && may('market.answer'));
    })
    .map(({ hash, title, agreement }) => ({
      href: `/agreements/${hash}`,
      title: words.sign(title),
      why: words.signWhy(agreement.parties.map(({ name }) => name).join(', ')),
    }));
}

function useStudies(): Thing[] | undefined {
  const { may, me } = useSession();
  const wanted = may('study.approve') && may('study.list');
  const studies = useAll('listStudies', {}, { enabled: wanted });
  const agreements = useAll('listAgreements', {}, { enabled: wanted });
  if (!wanted) return [];
  if (studies.data === undefined || agreements.data === undefined) return undefined;
  const live = new Set(agreements.data.items.filter(({ state }) => state === 'active').map(({ hash }) => hash));
  return studies.data.items
    .filter(({ agreement, approvals, approvalsNeeded }) => {
      return live.has(agreement) && approvals.length < approvalsNeeded && approvals.every(({ by }) => by !== me.id);
    })
    .map(({ agreement, name, title, approvals, approvalsNeeded }) => ({
      href: `/studies/${agreement}/${encodeURIComponent(name)}`,
      title: words.approve(name),
      why: words.approveWhy(title, approvalsNeeded - approvals.length),
    }));
}

function useQuestions(): Thing[] | undefined {
  const { may, me } = useSession();
  const wanted = may('seal.approve') && may('seal.list');
  const questions = useAll('listSealedQuestions', {}, { enabled: wanted });
  if (!wanted) return [];
  return questions.data?.items
    .filter(({ approvals, approvalsNeeded }) => {
      return approvals.length < approvalsNeeded && approvals.every(({ by }) => by !== me.id);
    })
    .map(({ hash }) => ({
      href: '/outsourced/questions',
      title: words.question(hash.slice(0, 8)),
      why: words.questionWhy,
    }));
}

function useAlerts(): Thing[] | undefined {
  const { may } = useSession();
  const wanted = may('alert.list');
  const alerts = useAll('listAlerts', { query: { open: 'true' } }, { enabled: wanted });
  if (!wanted) return [];
  if (alerts.data === undefined) return undefined;
  const { length } = alerts.data.items;
  return length === 0 ? [] : [{ href: '/alerts', title: words.alerts(length), why: words.alertsWhy }];
}

function useServer(): Thing[] | undefined {
  const { may } = useSession();
  const operates = may('partner.add');
  const watches = may('log.list');
  const server = useAsk('getServer', {}, { enabled: operates });
  const status = useAsk('getStatus', {}, { enabled: operates || watches });
  if (!operates && !watches) return [];
  if (status.data === undefined || (operates && server.data === undefined)) return undefined;
  const { witnesses, time } = status.data;
  const ending = (server.data?.certificates ?? [])
    .map(({ until }) => daysUntil(until, time))
    .filter((days) => days < soon);
  return [
    ...ending.map((days) => ({
      href: '/settings/server',
      title: words.certificate(days),
      why: words.certificateWhy,
    })),
    ...witnesses
      .filter(({ alarm }) => alarm)
      .map(({ witness }) => ({
        href: watches ? '/log/witnesses' : '/settings/server',
        title: words.witness(witness),
        why: words.witnessWhy,
      })),
  ];
}

/** What comes first at a server that is new. */
function useBeginnings(): Thing[] | undefined {
  const { may } = useSession();
  const [keeps, operates] = [may('dataset.add'), may('partner.add')];
  const datasets = useAll('listDatasets', {}, { enabled: keeps });
  const partners = useAll('listPartners', {}, { enabled: operates });
  if ((keeps && datasets.data === undefined) || (operates && partners.data === undefined)) return undefined;
  return [
    ...(datasets.data?.items.length === 0 ? [{ href: '/data/add', title: words.start, why: words.startWhy }] : []),
    ...(partners.data?.items.length === 0
      ? [{ href: '/settings/partners', title: words.partner, why: words.partnerWhy }]
      : []),
  ];
}
