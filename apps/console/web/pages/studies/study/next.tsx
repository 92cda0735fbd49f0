import { Badge, Paper, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useAsk } from '../../../api/queries.ts';
import { useNewestJob } from '../../../parts/newest-job.ts';
import { texts } from '../../../texts/index.ts';
import { type Agreement, nameOf, type Run, type Study } from '../agreed.ts';
import { ApproveHere } from './approve.tsx';
import { RunIt } from './run-it.tsx';
import { Step } from './step.tsx';

const words = texts.studies.next;

/** What is done and what is missing until the study has run: approval here, approval by the others, the run. */
export function Next({
  study,
  agreement,
  runs,
}: {
  study: Study;
  agreement: Agreement;
  runs: readonly Run[];
}): ReactNode {
  return (
    <Paper withBorder p="md">
      <Stack gap="lg">
        <ApproveHere study={study} agreement={agreement} />
        <Others study={study} agreement={agreement} last={runs.at(-1)} />
        <RunIt study={study} agreement={agreement} last={runs.at(-1)} />
      </Stack>
    </Paper>
  );
}

// Houses show each other no approvals: what is known of them is how the last run went.
function Others({ study, agreement, last }: { study: Study; agreement: Agreement; last: Run | undefined }): ReactNode {
  const self = useAsk('getStatus', {}).data?.id;
  const takePart = useAsk('explainStudy', { params: { hash: study.agreement, study: study.name } }).data?.parties ?? [];
  const others = takePart.filter((id) => id !== self).map((id) => nameOf(agreement, id));
  const { error = null } = useNewestJob(study.agreement, study.name) ?? {};
  const missing = error?.code === 'unapproved' && error.culprit !== self ? error.culprit : undefined;
  const done = last?.state === 'done' && missing === undefined;
  if (others.length === 0) return null;
  return (
    <Step title={words.others} done={done}>
      {done ? words.othersDone : words.othersWait(others.join(words.more))}
      {missing === undefined ? null : (
        <Badge variant="outline" color="orange" c="var(--mantine-color-text)" tt="none" fw={500}>
          {words.othersMissing(nameOf(agreement, missing))}
        </Badge>
      )}
    </Step>
  );
}
