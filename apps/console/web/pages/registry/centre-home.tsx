import { Code, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Answer } from '../../api/operations.ts';
import { useAll, useAsk } from '../../api/queries.ts';
import { server } from '../../api/server.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { Busy } from '../../parts/busy.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { Rows } from '../../parts/rows.tsx';
import { type Thing, Things } from '../../parts/things.tsx';
import { texts } from '../../texts/index.ts';
import { Untold } from './untold.tsx';

const words = texts.registry.centre;
type Centre = Answer<'getCentre'>;

/** A central server: what waits, and the modules that keep records here. */
export default function CentreHome(): ReactNode {
  const { me, may } = useSession();
  const centre = useAsk('getCentre', {}, { enabled: may('server.status') });
  return (
    <Page title={texts.home.title(me.name)} lead={words.lead(server.organisation)}>
      <Stack gap="xl">
        <Waiting />
        {may('server.status') ? <Asked query={centre}>{(found) => <Overview centre={found} />}</Asked> : null}
      </Stack>
    </Page>
  );
}

function Waiting(): ReactNode {
  const { may } = useSession();
  const alarms = useAll('listAlarms', { query: { open: 'true' } }, { enabled: may('alarm.read') });
  const reviews = useAll('listReviews', {}, { enabled: may('centre.review') });
  const studies = useAll('listRegistryStudies', {}, { enabled: may('research.approve') });
  const asked = [alarms, reviews, studies];
  if (asked.some(({ isLoading }) => isLoading)) return <Busy />;
  const proposed = studies.data?.items.filter(({ state }) => state === 'proposed') ?? [];
  const thing = (count: number, href: string, title: (count: number) => string, why: string): Thing[] =>
    count === 0 ? [] : [{ href, title: title(count), why }];
  return (
    <Section title={texts.home.waiting.title}>
      <Things
        things={[
          ...thing(reviews.data?.items.length ?? 0, '/reviews', words.reviews, words.reviewsWhy),
          ...thing(
            alarms.data?.items.length ?? 0,
            '/alarms',
            texts.registry.module.alarms,
            texts.registry.module.alarmsWhy,
          ),
          ...thing(proposed.length, '/research', words.studies, words.studiesWhy),
        ]}
      />
    </Section>
  );
}

function Overview({ centre: { modules, keys, notices } }: { centre: Centre }): ReactNode {
  const { columns, keyColumns } = words;
  return (
    <>
      <Untold notices={notices} />
      <Section title={words.modules}>
        <Text size="sm">{words.modulesLead}</Text>
        <Rows
          rows={modules}
          keyOf={({ id }) => id}
          columns={[
            { title: columns.module, cell: ({ id }) => id },
            { title: columns.patients, number: true, cell: ({ patients }) => patients.toLocaleString('en') },
            { title: columns.enrolled, number: true, cell: ({ enrolled }) => enrolled.toLocaleString('en') },
          ]}
        />
      </Section>
      <Section title={words.keys}>
        <Rows
          rows={keys}
          keyOf={({ number }) => number}
          columns={[
            { title: keyColumns.number, cell: ({ number }) => number },
            { title: keyColumns.publicKey, cell: ({ publicKey }) => <Code>{publicKey}</Code> },
            { title: keyColumns.until, cell: ({ until }) => (until === null ? words.newest : <Moment at={until} />) },
          ]}
        />
      </Section>
    </>
  );
}
