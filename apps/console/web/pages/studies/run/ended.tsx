import { Alert, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Live } from '../../../parts/live.tsx';
import { useNewestJob } from '../../../parts/newest-job.ts';
import { texts } from '../../../texts/index.ts';
import type { Run } from '../agreed.ts';

const words = texts.studies.result;
// The colour of an alert is too light for its title; it stands behind it.
const plainTitle = { label: { color: 'var(--mantine-color-text)' } };

/** A run that has not come to its end: how far it is, or why it ended early. */
export function Ended({ run }: { run: Run }): ReactNode {
  const job = useNewestJob(run.agreement, run.study);
  if (run.state === 'running') return job?.state === 'running' ? <Live job={job.id} /> : null;
  const [code, ...message] = run.error?.split(': ') ?? [];
  return (
    <Alert color="orange" title={words.failedTitle} role="alert" styles={plainTitle}>
      <Text size="sm">{message.join(': ')}</Text>
      <Text size="sm" c="dimmed" mt={4}>
        {texts.common.code(code ?? '')}
      </Text>
    </Alert>
  );
}
