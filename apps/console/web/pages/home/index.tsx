import { SimpleGrid, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useAsk } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Page } from '../../parts/page.tsx';
import { texts } from '../../texts/index.ts';
import { Left } from './left.tsx';
import { Ran } from './ran.tsx';
import { Waiting } from './waiting.tsx';

/** What waits for me, what ran, what left the house today. */
export default function Home(): ReactNode {
  const { me, may } = useSession();
  const status = useAsk('getStatus', {}, { enabled: may('server.status') });
  const lead = status.data === undefined ? {} : { lead: texts.home.lead(status.data.name) };
  return (
    <Page title={texts.home.title(me.name)} {...lead}>
      <Stack gap="xl">
        <Waiting />
        <SimpleGrid cols={{ base: 1, md: may('job.list') && may('log.list') ? 2 : 1 }} spacing="xl">
          {may('job.list') ? <Ran /> : null}
          {may('log.list') ? <Left /> : null}
        </SimpleGrid>
      </Stack>
    </Page>
  );
}
