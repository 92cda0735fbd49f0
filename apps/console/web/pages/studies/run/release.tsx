import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useAsk, useDo } from '../../../api/queries.ts';
import { useSession } from '../../../api/session.tsx';
import { ProblemNote } from '../../../parts/problem.tsx';
import { texts } from '../../../texts/index.ts';
import type { Run } from '../agreed.ts';

const words = texts.studies.result.release;

/** Where the agreement asks people to look at a result before others of the house get it: the decision, or that it waits for one. */
export function Release({ run }: { run: Run }): ReactNode {
  const { may, me } = useSession();
  const asked = useAsk('listWaiting', {});
  const self = useAsk('getStatus', {}).data?.id;
  const agreement = useAsk('getAgreement', { params: { hash: run.agreement } }).data?.agreement;
  const release = useDo('releaseStudy');
  const withdraw = useDo('withdrawStudyRelease');
  const rules = agreement?.approvals?.filter(({ action }) => action === 'release') ?? [];
  const rule = rules.find(({ party }) => party === self) ?? rules.find(({ party }) => party === undefined);
  const ours = run.details?.to.includes(self ?? '') === true;
  if (run.state !== 'done' || !ours || rule === undefined || rule.people === 0) return null;
  if (asked.data === undefined) return null;
  const open = asked.data.releases.find((one) => one.run === run.id);
  const given = open?.by ?? [];
  const of = { params: { run: run.id } };
  const who = (rule.roles ?? []).map((role) => texts.shell.roles[role] ?? role).join(texts.studies.next.or);
  return (
    <Alert color="teal" variant="outline" title={open === undefined ? words.title : words.waiting}>
      <Stack gap="sm" align="flex-start">
        <Text size="sm">
          {words.what} {open === undefined ? words.done : words.who(rule.people, who)}
          {given.length === 0 ? '' : ` ${words.by(given.join(', '))}`}
        </Text>
        {may('release.approve') ? (
          <Group gap="sm">
            {open === undefined || given.includes(me.id) ? null : (
              <Button loading={release.isPending} onClick={() => release.mutate(of)}>
                {words.approve}
              </Button>
            )}
            {open !== undefined && given.length === 0 ? null : (
              <>
                <Button variant="default" loading={withdraw.isPending} onClick={() => withdraw.mutate(of)}>
                  {words.withdraw}
                </Button>
                <Text size="sm" c="dimmed">
                  {words.withdrawWhat}
                </Text>
              </>
            )}
          </Group>
        ) : null}
        <ProblemNote error={release.error ?? withdraw.error} />
      </Stack>
    </Alert>
  );
}
