import { Button, Group, Progress, Stack, Text } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { follow } from '../api/follow.ts';
import type { Answer } from '../api/operations.ts';
import { Problem } from '../api/problem.ts';
import { changed, useDo } from '../api/queries.ts';
import { useSession } from '../api/session.tsx';
import { texts } from '../texts/index.ts';
import type { Job } from './newest-job.ts';
import { ProblemNote } from './problem.tsx';

/** A try to run something: how far it is, or why it ended without a result. Nothing once it is done. */
export function Try({ job }: { job: Job | undefined }): ReactNode {
  if (job?.state === 'running') return <Live job={job.id} />;
  if (job?.error == null) return null;
  const { code, message, ...more } = job.error;
  return <ProblemNote title={texts.common.tryFailed} error={new Problem(code, message, more)} />;
}

/** How far a job is, with the time that is left, and the way to end it. */
export function Live({ job }: { job: number }): ReactNode {
  const { may } = useSession();
  const [at, setAt] = useState<Answer<'followJob'>>();
  const cancel = useDo('cancelJob');
  useEffect(() => follow('followJob', { params: { job } }, { told: setAt, ended: () => void changed() }), [job]);
  const text = at?.text ?? texts.common.loading;
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Text size="sm" role="status">
          {text}
          {at?.secondsLeft == null ? '' : `, ${texts.common.secondsLeft(at.secondsLeft)}`}
        </Text>
        {may('job.cancel') ? (
          <Button
            variant="default"
            size="xs"
            loading={cancel.isPending}
            onClick={() => cancel.mutate({ params: { job } })}
          >
            {texts.common.endJob}
          </Button>
        ) : null}
      </Group>
      <Progress value={at === undefined ? 0 : (100 * at.done) / at.of} animated aria-label={text} />
      <ProblemNote error={cancel.error} />
    </Stack>
  );
}
