import { Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useAsk, useDo } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { texts } from '../../texts/index.ts';
import type { Info, Terms } from './of.ts';

const words = texts.agreements.act;
const actions = ['sign', 'link', 'alerts'] as const;
type Action = (typeof actions)[number];

/** Approvals of people of this organisation that the agreement asks for, where it asks for more than a signature. */
export function Approvals({ info, self }: { info: Info; self: string }): ReactNode {
  const asked = actions.filter((action) => peopleFor(info.agreement, action, self) > (action === 'sign' ? 1 : 0));
  const open = asked.filter((action) =>
    action === 'sign' ? info.missing.includes(self) && info.state !== 'declined' : info.state === 'active',
  );
  if (open.length === 0) return null;
  return (
    <Stack gap="xs">
      {open.map((action) => (
        <One key={action} {...{ info, action, needed: peopleFor(info.agreement, action, self) }} />
      ))}
    </Stack>
  );
}

function One({ info: { hash }, action, needed }: { info: Info; action: Action; needed: number }): ReactNode {
  const { may, me } = useSession();
  const asked = useAsk('listAgreementApprovals', { params: { hash } });
  const approve = useDo('approveAgreement');
  const withdraw = useDo('withdrawAgreementApproval');
  const given = asked.data?.approvals.filter((one) => one.action === action) ?? [];
  const mine = given.some(({ by }) => by === me.id);
  return (
    <Stack gap={4}>
      <Text size="sm">
        {words.approvedBy(words.approved[action]!, given.map(({ by }) => by).join(', ') || texts.common.none, needed)}
      </Text>
      {may('agreement.approve') ? (
        <Group>
          {mine ? (
            <Button
              variant="default"
              loading={withdraw.isPending}
              onClick={() => withdraw.mutate({ params: { hash, action } })}
            >
              {words.withdraw}
            </Button>
          ) : (
            <Button
              variant="default"
              loading={approve.isPending}
              onClick={() => approve.mutate({ params: { hash }, body: { action } })}
            >
              {words.approve[action]}
            </Button>
          )}
        </Group>
      ) : null}
      <ProblemNote error={approve.error ?? withdraw.error} />
    </Stack>
  );
}

/** How many people of a party approve: as the agreement says; else one signs, one approves alerts, and nobody a link. */
function peopleFor({ approvals = [], alerts, link }: Terms, action: Action, self: string): number {
  if ((action === 'alerts' && alerts === undefined) || (action === 'link' && link === undefined)) return 0;
  const own = approvals.filter((one) => one.action === action);
  const said = own.find(({ party }) => party === self) ?? own.find(({ party }) => party === undefined);
  return said?.people ?? (action === 'link' ? 0 : 1);
}
