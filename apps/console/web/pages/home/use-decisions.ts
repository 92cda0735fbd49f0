import { useAll, useAsk } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { texts } from '../../texts/index.ts';

const words = texts.home.waiting;

const whereOf = { link: 'links', study: 'studies', sealed: 'outsourced' };

/** Results that wait for their release, and entries of the log that a second person must ask to erase; undefined until they are known. */
export function useSecondPeople() {
  const { may, me } = useSession();
  const [releases, erases] = [may('release.approve'), may('log.erase')];
  const waiting = useAsk('listWaiting', {}, { enabled: releases || erases });
  if (!releases && !erases) return [];
  const byOthers = ({ by }: { by: readonly string[] }): boolean => !by.includes(me.id);
  return (
    waiting.data && [
      ...(releases ? waiting.data.releases : []).filter(byOthers).map(({ kind, run, study, by, needed }) => ({
        href: `/${whereOf[kind]}/runs/${run}`,
        title: study === null ? words.releaseOf[kind](run) : words.release(study),
        why: words.releaseWhy(needed - by.length),
      })),
      ...(erases ? waiting.data.erasures : []).filter(byOthers).map(({ index, by }) => ({
        href: `/log/entries/${index}`,
        title: words.erase(index),
        why: words.eraseWhy(by.join(', ')),
      })),
    ]
  );
}

/** Requests for a licence that this organisation may grant; undefined until they are known. */
export function useLicences() {
  const { may } = useSession();
  const wanted = may('market.answer') && may('licence.list');
  const status = useAsk('getStatus', {}, { enabled: wanted });
  const licences = useAll('listLicences', {}, { enabled: wanted });
  if (!wanted) return [];
  if (licences.data === undefined || status.data === undefined) return undefined;
  const { id } = status.data;
  return licences.data.items
    .filter(({ state, owners, missing }) => {
      return ['draft', 'proposed'].includes(state) && owners.includes(id) && missing.includes(id);
    })
    .map(({ hash, title }) => ({
      href: `/market/licences/${hash}`,
      title: words.licence(title),
      why: words.licenceWhy,
    }));
}
