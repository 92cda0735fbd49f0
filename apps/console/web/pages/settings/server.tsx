import { Button, Code, Stack, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Answer } from '../../api/operations.ts';
import { useAll, useAsk } from '../../api/queries.ts';
import { Asked } from '../../parts/asked.tsx';
import { daysUntil } from '../../parts/days.ts';
import { download } from '../../parts/download.ts';
import { Facts } from '../../parts/facts.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Section } from '../../parts/page.tsx';
import { texts } from '../../texts/index.ts';
import { WitnessTable } from '../log/witnesses.tsx';

const words = texts.settings.server;
type Shown = Answer<'getServer'>;
type Status = Answer<'getStatus'>;

/** What this server shows to others, how long it holds, and who watches it. */
export function Server(): ReactNode {
  const server = useAsk('getServer', {});
  const status = useAsk('getStatus', {});
  return (
    <Asked query={server}>
      {(shown) => (
        <Asked query={status}>
          {(now) => (
            <Stack gap="xl">
              <OwnCard id={now.id} server={shown} />
              <Certificates server={shown} now={now.time} />
              <KeyServices />
              <Section title={words.witnesses}>
                <WitnessTable witnesses={now.witnesses} />
              </Section>
              <About server={shown} status={now} />
            </Stack>
          )}
        </Asked>
      )}
    </Asked>
  );
}

function OwnCard({ id, server: { card, fingerprint, address } }: { id: string; server: Shown }): ReactNode {
  return (
    <Section title={words.ownCard}>
      <Text size="sm" c="dimmed">
        {words.ownCardLead}
      </Text>
      <Facts
        facts={[
          [words.fingerprint, <Code key="fingerprint">{fingerprint}</Code>],
          [words.address, address],
        ]}
      />
      <Button
        variant="default"
        w="fit-content"
        leftSection={<IconDownload size={16} />}
        onClick={() => download(`${id}-card.json`, card, 'application/json')}
      >
        {words.save}
      </Button>
    </Section>
  );
}

function Certificates({ server: { certificates }, now }: { server: Shown; now: string }): ReactNode {
  return (
    <Section title={words.certificates}>
      <Facts
        facts={certificates.map(({ what, until }) => [
          words.what[what] ?? what,
          <>
            {words.until} <Moment at={until} /> ({words.daysLeft(daysUntil(until, now))})
          </>,
        ])}
      />
      <Text size="sm" c="dimmed">
        {words.renews}
      </Text>
    </Section>
  );
}

function KeyServices(): ReactNode {
  const partners = useAll('listPartners', {});
  const found = partners.data?.items.filter(({ role }) => role === 'keyservice') ?? [];
  return (
    <Section title={words.keyServices}>
      {partners.data !== undefined && found.length === 0 ? <Text>{words.noKeyService}</Text> : null}
      <Facts facts={found.map(({ name, address }) => [name, address])} />
    </Section>
  );
}

function About({
  server: { logOrigin, database, version, node },
  status: { logSize, time },
}: {
  server: Shown;
  status: Status;
}): ReactNode {
  return (
    <Section title={words.about}>
      <Facts
        facts={[
          [words.log, <Code key="log">{logOrigin}</Code>],
          [words.entries, logSize.toLocaleString('en')],
          [words.version, version],
          [words.database, database],
          [words.node, node],
          [words.clock, <Moment key="clock" at={time} />],
        ]}
      />
    </Section>
  );
}
