import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useAsk, useDo } from '../api/queries.ts';
import { useSession } from '../api/session.tsx';
import { texts } from '../texts/index.ts';
import { ProblemNote } from './problem.tsx';

const words = texts.common.release;

/** How a result of each kind is released, and that is taken back. */
const operations = {
  link: ['releaseLink', 'withdrawLinkRelease'],
  study: ['releaseStudy', 'withdrawStudyRelease'],
  sealed: ['releaseSealed', 'withdrawSealedRelease'],
} as const;

/**
 * Where the agreement asks people to look at a result before others of the house get it: the decision, or that it waits for one.
 * @param run that has a result here
 * @param agreement its hash
 */
export function Release({
  kind,
  run,
  agreement: hash,
}: {
  kind: keyof typeof operations;
  run: number;
  agreement: string;
}): ReactNode {
  const { may, me } = useSession();
  const asked = useAsk('listWaiting', {});
  const self = useAsk('getStatus', {}).data?.id;
  const agreement = useAsk('getAgreement', { params: { hash } }).data?.agreement;
  const release = useDo(operations[kind][0]);
  const withdraw = useDo(operations[kind][1]);
  const rules = agreement?.approvals?.filter(({ action }) => action === 'release') ?? [];
  const rule = rules.find(({ party }) => party === self) ?? rules.find(({ party }) => party === undefined);
  if (rule === undefined || rule.people === 0 || asked.data === undefined) return null;
  const open = asked.data.releases.find((one) => one.kind === kind && one.run === run);
  const given = open?.by ?? [];
  const of = { params: { run } };
  const who = (rule.roles ?? []).map((role) => texts.shell.roles[role] ?? role).join(texts.common.or);
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
