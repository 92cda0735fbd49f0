import { Button, Group, List, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useAsk, useDo } from '../../../api/queries.ts';
import { useSession } from '../../../api/session.tsx';
import { Confirm } from '../../../parts/confirm.tsx';
import { Moment } from '../../../parts/moment.tsx';
import { ProblemNote } from '../../../parts/problem.tsx';
import { texts } from '../../../texts/index.ts';
import type { Agreement, Study } from '../agreed.ts';
import { Step } from './step.tsx';

const words = texts.studies.next;

/** Who of this house has approved the study, and the button for whoever may. */
export function ApproveHere({ study, agreement }: { study: Study; agreement: Agreement }): ReactNode {
  const { me, may } = useSession();
  const of = { params: { hash: study.agreement, study: study.name } };
  const approve = useDo('approveStudy');
  const withdraw = useDo('withdrawApproval');
  const { approvals, approvalsNeeded } = study;
  const who = useApprovers(study, agreement).join(texts.common.or);
  const missing = approvalsNeeded - approvals.length;
  const mine = approvals.some(({ by }) => by === me.id);
  return (
    <Step title={words.approveHere} done={missing <= 0}>
      <Stack gap="xs" align="flex-start">
        {approvalsNeeded === 0
          ? words.approveHereNone
          : missing > 0
            ? words.approveHereMissing(missing, who)
            : words.approveHereDone}
        {approvals.length === 0 ? null : (
          <List size="sm">
            {approvals.map(({ by, approvedAt }) => (
              <List.Item key={by}>
                {words.approvedBy(by)}, <Moment at={approvedAt} />
              </List.Item>
            ))}
          </List>
        )}
        {may('study.approve') && approvalsNeeded > 0 ? (
          mine ? (
            <Group gap="sm">
              <Button variant="default" loading={withdraw.isPending} onClick={() => withdraw.mutate(of)}>
                {words.withdraw}
              </Button>
              <Text size="sm" c="dimmed">
                {words.withdrawn}
              </Text>
            </Group>
          ) : (
            <Confirm
              label={words.approve}
              title={words.approveTitle(study.name)}
              what={words.approveWhat}
              tone="primary"
              pending={approve.isPending}
              error={approve.error}
              done={approve.isSuccess}
              onConfirm={() => approve.mutate(of)}
            />
          )
        ) : null}
        <ProblemNote error={withdraw.error} />
      </Stack>
    </Step>
  );
}

/** Roles that approve it here, in words: as the agreement says, else data stewards and privacy officers. */
function useApprovers({ asked }: Study, { agreement }: Agreement): string[] {
  const self = useAsk('getStatus', {}).data?.id;
  const action = asked === null ? 'study' : asked.kind;
  const own = agreement.approvals?.filter((one) => one.action === action) ?? [];
  const rule = own.find(({ party }) => party === self) ?? own.find(({ party }) => party === undefined);
  const roles = rule?.roles ?? ['data-steward', 'privacy-officer'];
  return roles.map((role) => texts.shell.roles[role] ?? role);
}
