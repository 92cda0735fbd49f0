import { Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useDo } from '../../../api/queries.ts';
import { useSession } from '../../../api/session.tsx';
import { Try } from '../../../parts/live.tsx';
import { useNewestJob } from '../../../parts/newest-job.ts';
import { ProblemNote } from '../../../parts/problem.tsx';
import { usePurpose } from '../../../parts/purpose.tsx';
import { texts } from '../../../texts/index.ts';
import type { Agreement, Run, Study } from '../agreed.ts';
import { Step } from './step.tsx';

const words = texts.studies.next;

/** Starts the study, follows what runs, leads to what came of it. */
export function RunIt({
  study,
  agreement,
  last,
}: {
  study: Study;
  agreement: Agreement;
  last: Run | undefined;
}): ReactNode {
  const job = useNewestJob(study.agreement, study.name);
  const inForce = agreement.state === 'active';
  const left = inForce ? study.runsLeft : 0;
  return (
    <Step title={words.run} done={last?.state === 'done'}>
      <Stack gap="sm" align="stretch">
        {left === 0 ? (inForce ? words.runNone : words.notInForce) : words.runReady(left)}
        {job?.state === 'running' ? null : <Start study={study} agreement={agreement} left={left} />}
        <Try job={job} />
        {job?.state !== 'running' && last?.state === 'done' ? (
          <Group>
            <Button component={Link} href={`/studies/runs/${last.id}`} variant="light">
              {words.toResult}
            </Button>
          </Group>
        ) : null}
      </Stack>
    </Step>
  );
}

function Start({ study, agreement, left }: { study: Study; agreement: Agreement; left: number }): ReactNode {
  const { may } = useSession();
  const run = useDo('runStudy');
  const [purpose, choice] = usePurpose(agreement.agreement.purpose?.uses);
  if (left === 0) return null;
  if (!may('study.run')) return <Text size="sm">{words.runWho}</Text>;
  const start = (): void => run.mutate({ body: { agreement: study.agreement, study: study.name, ...purpose } });
  return (
    <Stack gap="sm" align="flex-start">
      {choice}
      <Button loading={run.isPending} onClick={start}>
        {words.start}
      </Button>
      <ProblemNote error={run.error} />
    </Stack>
  );
}
