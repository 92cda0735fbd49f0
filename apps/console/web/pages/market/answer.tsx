import { Button, Checkbox, Group, Paper, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import type { Answer } from '../../api/operations.ts';
import { useAsk, useDo } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { texts } from '../../texts/index.ts';

const words = texts.market.licence;

/** Grants or declines a request that waits for this organisation. */
export function AnswerRequest({ licence }: { licence: Answer<'getLicence'> }): ReactNode {
  const { hash, missing, state, beyond } = licence;
  const { may } = useSession();
  const own = useAsk('getStatus', {}).data?.id;
  const [studies, setStudies] = useState(true);
  const [accepted, setAccepted] = useState(false);
  const [reason, setReason] = useState('');
  const grant = useDo('approveLicence');
  const decline = useDo('declineLicence');
  const waits = own !== undefined && missing.includes(own) && ['draft', 'proposed', 'countered'].includes(state);
  if (!waits || !may('market.answer')) return null;
  return (
    <Paper withBorder p="lg" maw={720}>
      <Stack>
        <Text>{words.grantLead}</Text>
        <Checkbox
          label={words.studies}
          checked={studies}
          onChange={({ currentTarget }) => setStudies(currentTarget.checked)}
        />
        {beyond.length === 0 ? null : (
          <Checkbox
            label={words.beyondAccept}
            checked={accepted}
            onChange={({ currentTarget }) => setAccepted(currentTarget.checked)}
          />
        )}
        <ProblemNote error={grant.error ?? decline.error} />
        <Group>
          <Button
            loading={grant.isPending}
            disabled={beyond.length > 0 && !accepted}
            onClick={() => grant.mutate({ params: { hash }, body: { studies, ...(accepted ? { beyond: true } : {}) } })}
          >
            {words.grant}
          </Button>
          {may('agreement.draft') ? (
            <Button component={Link} href={`/agreements/${hash}/answer`} variant="default">
              {texts.agreements.answer.go}
            </Button>
          ) : null}
        </Group>
        <Group align="flex-end">
          <TextInput
            label={words.reason}
            flex={1}
            value={reason}
            onChange={({ currentTarget }) => setReason(currentTarget.value)}
          />
          <Button
            variant="default"
            disabled={reason.trim() === ''}
            loading={decline.isPending}
            onClick={() => decline.mutate({ params: { hash }, body: { reason: reason.trim() } })}
          >
            {words.decline}
          </Button>
        </Group>
      </Stack>
    </Paper>
  );
}
