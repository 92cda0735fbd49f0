import { Anchor, List, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Answer } from '../../api/operations.ts';
import { useAsk } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { type Fact, Facts } from '../../parts/facts.tsx';
import { useNames } from '../../parts/names.ts';
import { Page } from '../../parts/page.tsx';
import { State } from '../../parts/state.tsx';
import { texts } from '../../texts/index.ts';
import { AnswerRequest } from './answer.tsx';
import { Uses } from './uses.tsx';

const words = texts.market.licence;
type Found = Answer<'getLicence'>;

/** One licence: its terms, the answer that it waits for, its uses. */
export function Licence({ hash }: { hash: string }): ReactNode {
  const { may } = useSession();
  const licence = useAsk('getLicence', { params: { hash } });
  return (
    <Page title={licence.data?.title ?? texts.market.title}>
      <Asked query={licence}>
        {(found) => (
          <Stack gap="xl">
            <div>
              <State state={found.state} />
            </div>
            <Terms licence={found} />
            <AnswerRequest licence={found} />
            {may('licence.usage') ? <Uses hash={hash} signed={found.missing.length === 0} /> : null}
          </Stack>
        )}
      </Asked>
    </Page>
  );
}

function Terms({ licence }: { licence: Found }): ReactNode {
  const nameOf = useNames();
  const { facts } = words;
  const rows: Fact[] = [
    [facts.licensee, nameOf(licence.licensee)],
    [facts.owners, licence.owners.map(nameOf).join(', ')],
    [facts.term, words.fromUntil(licence.term.from, licence.term.until)],
    [facts.price, priceOf(licence)],
    [facts.quota, quotaOf(licence)],
    [facts.used, words.usedNow(licence.used.day, licence.used.month, licence.used.term)],
  ];
  if (licence.missing.length > 0) rows.push([facts.missing, licence.missing.map(nameOf).join(', ')]);
  return (
    <Stack gap="xs" maw={720}>
      <Facts facts={rows} />
      <Anchor component={Link} href={`/agreements/${licence.hash}`} size="sm">
        {words.agreement}
      </Anchor>
      {licence.beyond.length === 0 ? null : (
        <>
          <Text fw={600}>{words.beyond}</Text>
          <List size="sm">
            {licence.beyond.map((what) => (
              <List.Item key={what}>{what}</List.Item>
            ))}
          </List>
        </>
      )}
    </Stack>
  );
}

function priceOf({ price }: Found): string {
  if (price === null) return words.free;
  const { currency, perRun, perMonth } = price;
  const parts = [perRun && words.perRun(perRun, currency), perMonth && words.perMonth(perMonth, currency)];
  return parts.filter((part) => part !== undefined).join(', ');
}

function quotaOf({ quota }: Found): string {
  const { perDay, perMonth, perTerm } = quota ?? {};
  const { limits } = words;
  const parts = [
    perDay && words.runs(perDay, limits.perDay),
    perMonth && words.runs(perMonth, limits.perMonth),
    perTerm && words.runs(perTerm, limits.perTerm),
  ].filter((part) => part !== undefined);
  return parts.join(', ') || words.unlimited;
}
