import { Anchor, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useMemo } from 'react';
import { Link } from 'wouter';
import { useAll, useAsk } from '../../api/queries.ts';
import { Asked } from '../../parts/asked.tsx';
import { Section } from '../../parts/page.tsx';
import { texts } from '../../texts/index.ts';
import { agreementOf, type LogEntry, useSaid } from '../log/said.ts';
import { When } from '../log/timeline.tsx';

const words = texts.home.left;

const shown = 8;

/** Kinds of entries by which something became known outside. */
const outward = new Set([
  'link-done',
  'study-done',
  'alert-sent',
  'sealed-table-uploaded',
  'sealed-done',
  'answer-released',
  'licence-stated',
  'offer-published',
]);

/** What became known outside today, as the log has it. */
export function Left(): ReactNode {
  const since = useMemo(() => new Date(new Date().setHours(0, 0, 0, 0)).toISOString(), []);
  const said = useSaid();
  const entries = useAsk('listTimeline', { query: { since, limit: 1000 } });
  return (
    <Section title={words.title}>
      <Text size="sm" c="dimmed">
        {words.lead}
      </Text>
      <Asked query={entries}>
        {({ items, next }) => {
          const left = items.filter(({ event }) => outward.has(String(event?.kind)));
          return left.length === 0 ? (
            <Text c="dimmed">{words.none}</Text>
          ) : (
            <Stack gap="sm">
              {left.slice(0, shown).map((entry) => (
                <Group key={entry.index} justify="space-between" wrap="nowrap" align="flex-start">
                  <div>
                    <Text size="sm">{said(entry)}</Text>
                    <Under entry={entry} />
                    <Anchor component={Link} href={`/log/entries/${entry.index}`} size="sm">
                      {words.entry(entry.index)}
                    </Anchor>
                  </div>
                  <When entry={entry} />
                </Group>
              ))}
              {left.length > shown || next !== null ? (
                <Anchor component={Link} href="/log" size="sm">
                  {words.more}
                </Anchor>
              ) : null}
            </Stack>
          );
        }}
      </Asked>
    </Section>
  );
}

/** Who else is a party to the agreement that allowed it. */
function Under({ entry }: { entry: LogEntry }): ReactNode {
  const status = useAsk('getStatus', {});
  const agreements = useAll('listAgreements', {});
  const hash = agreementOf(entry);
  const found = agreements.data?.items.find((one) => one.hash === hash);
  if (found === undefined) return null;
  const others = found.agreement.parties.filter(({ id }) => id !== status.data?.id).map(({ name }) => name);
  return (
    <Text size="sm" c="dimmed">
      {words.under(found.title, others.join(', '))}
    </Text>
  );
}
