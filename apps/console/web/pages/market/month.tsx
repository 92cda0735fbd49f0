import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Answer } from '../../api/operations.ts';
import { useAsk, useDo } from '../../api/queries.ts';
import { Asked } from '../../parts/asked.tsx';
import { download } from '../../parts/download.ts';
import { Facts } from '../../parts/facts.tsx';
import { useNames } from '../../parts/names.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { texts } from '../../texts/index.ts';

const words = texts.market.licence;

/** What a month came to, and its signed statement. */
export function Month({ hash }: { hash: string }): ReactNode {
  const [month, setMonth] = useState(new Date().toISOString().slice(0, 7));
  const usage = useAsk('getLicenceUsage', { params: { hash }, query: { month } }, { enabled: month !== '' });
  const state = useDo('stateLicence', (file) =>
    download(`statement-${month}.json`, JSON.stringify(file, null, 2), 'application/json'),
  );
  return (
    <Stack gap="sm">
      <Text size="sm">{words.statementLead}</Text>
      <Group align="flex-end">
        <TextInput
          type="month"
          label={words.month}
          value={month}
          onChange={({ currentTarget }) => setMonth(currentTarget.value)}
        />
        <Button
          variant="default"
          loading={state.isPending}
          disabled={month === ''}
          onClick={() => state.mutate({ params: { hash, month } })}
        >
          {words.statement}
        </Button>
      </Group>
      {month === '' ? null : <Asked query={usage}>{(found) => <Came usage={found} />}</Asked>}
      <ProblemNote error={state.error} />
    </Stack>
  );
}

/** What a month came to: runs, what they cost, who gets it. */
export function Came({ usage }: { usage: Answer<'getLicenceUsage'> }): ReactNode {
  const nameOf = useNames();
  const { runs, currency, total, split } = usage;
  const facts: [string, string][] = [[words.usage.runs, runs.length.toLocaleString('en')]];
  if (currency !== null) {
    const free = runs.filter(({ amount }) => Number(amount) === 0);
    facts.push([words.usage.free, free.length.toLocaleString('en')], [words.usage.total, `${total} ${currency}`]);
    for (const [id, share] of Object.entries(split))
      facts.push([words.usage.share(nameOf(id)), `${share} ${currency}`]);
  }
  return <Facts facts={facts} />;
}
