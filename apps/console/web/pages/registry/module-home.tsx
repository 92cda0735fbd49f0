import { Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Answer } from '../../api/operations.ts';
import { useAsk } from '../../api/queries.ts';
import { server } from '../../api/server.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { type Thing, Things } from '../../parts/things.tsx';
import { texts } from '../../texts/index.ts';
import { Untold } from './untold.tsx';

const words = texts.registry.module;
type Status = Answer<'getRegistryModule'>;

/** A module: what waits for its administrators, and how much it knows. */
export default function ModuleHome(): ReactNode {
  const { me, may } = useSession();
  const status = useAsk('getRegistryModule', {}, { enabled: may('registry.status') });
  return (
    <Page title={texts.home.title(me.name)} lead={words.lead(server.organisation)}>
      {may('registry.status') ? <Asked query={status}>{(found) => <Overview status={found} />}</Asked> : null}
    </Page>
  );
}

function Overview({ status }: { status: Status }): ReactNode {
  const { counts, pseudonymKey, centre, ticketKey, notices } = status;
  const { current, next } = pseudonymKey;
  return (
    <Stack gap="xl">
      <Section title={texts.home.waiting.title}>
        <Things things={thingsOf(counts)} />
      </Section>
      <Untold notices={notices} />
      <Section title={words.numbers}>
        <Facts
          facts={[
            [words.facts.patients, counts.patients.toLocaleString('en')],
            [words.facts.relations, counts.relations.toLocaleString('en')],
            [words.facts.physicians, (counts.physicians.vetted ?? 0).toLocaleString('en')],
            [words.facts.centre, centre],
            [words.facts.pseudonyms, next === null ? current : `${current}, ${words.changing(next)}`],
            [words.facts.ticketKey, ticketKey],
          ]}
        />
      </Section>
    </Stack>
  );
}

function thingsOf({ physicians: { waiting = 0 }, duplicates, alarms }: Status['counts']): Thing[] {
  return [
    ...(alarms > 0 ? [{ href: '/alarms', title: words.alarms(alarms), why: words.alarmsWhy }] : []),
    ...(waiting > 0 ? [{ href: '/physicians?state=waiting', title: words.vet(waiting), why: words.vetWhy }] : []),
    ...(duplicates > 0 ? [{ href: '/review', title: words.duplicates(duplicates), why: words.duplicatesWhy }] : []),
  ];
}
