import { Anchor, Button, Group, List, Paper, Stack, Text, Title } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { call } from '../../api/call.ts';
import { useAsk, useDo } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { bytesOf } from '../../parts/base64url.ts';
import { download } from '../../parts/download.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { texts } from '../../texts/index.ts';
import { Approvals } from './approvals.tsx';
import { Decline, Discard, Lapse, Resume, Revoke, Sign, Suspend } from './decide.tsx';
import { type Info, isProposed, nameOf } from './of.ts';

const words = texts.agreements;

/** Where the agreement stands, and what this person can do about it. */
export function Next({ info }: { info: Info }): ReactNode {
  const self = useAsk('getStatus', {}).data?.id;
  if (self === undefined) return null;
  const { agreement, notices, untold, version } = info;
  return (
    <Paper withBorder p="lg" component="section" aria-label={words.next.title}>
      <Stack gap="sm">
        <Title order={2} fz={18}>
          {words.next.title}
        </Title>
        <Text>{standing(info, self)}</Text>
        {version === null ? null : (
          <Anchor component={Link} href={`/agreements/${version}`}>
            {words.next.toVersion}
          </Anchor>
        )}
        {notices.length === 0 ? null : (
          <List size="sm">
            {notices.map(({ by, action, reason }) => (
              <List.Item key={`${by} ${action}`}>{words.next.reason(nameOf(agreement, by), reason)}</List.Item>
            ))}
          </List>
        )}
        {untold.length === 0 ? null : (
          <Text size="sm">{words.next.untold(untold.map((id) => nameOf(agreement, id)).join(', '))}</Text>
        )}
        <Approvals info={info} self={self} />
        <Actions info={info} self={self} />
      </Stack>
    </Paper>
  );
}

function standing({ state, missing, notices, agreement }: Info, self: string): string {
  const { next } = words;
  const names = (ids: readonly string[]): string => ids.map((id) => nameOf(agreement, id)).join(', ');
  switch (state) {
    case 'draft':
      return next.draft;
    case 'proposed':
      return missing.includes(self) ? next.signHere : next.waiting(names(missing));
    case 'signed':
      return next.signed(agreement.term.from);
    case 'active':
      return next.active;
    case 'suspended':
      return next.suspended(names(notices.map(({ by }) => by)));
    default:
      return next.over[state] ?? '';
  }
}

function Actions({ info, self }: { info: Info; self: string }): ReactNode {
  const { may } = useSession();
  const { state, missing, agreement, hash, signedBy, notices } = info;
  const proposed = state === 'draft' || isProposed(info);
  const toSign = proposed && missing.includes(self);
  const force = ['active', 'signed', 'suspended'].includes(state);
  const own = notices.some(({ by, action }) => by === self && action === 'suspend');
  return (
    <>
      <Group gap="sm">
        {toSign && may('agreement.sign') ? <Sign hash={hash} /> : null}
        {toSign && state !== 'draft' && may('agreement.decline') ? <Decline hash={hash} /> : null}
        {toSign && state !== 'draft' && may('agreement.draft') ? (
          <Button component={Link} href={`/agreements/${hash}/answer`} variant="default">
            {words.answer.go}
          </Button>
        ) : null}
        {state === 'active' && agreement.link !== undefined ? (
          <Button component={Link} href={`/links/${hash}`}>
            {words.next.links}
          </Button>
        ) : null}
        {state === 'active' && agreement.studies !== undefined ? (
          <Button component={Link} href="/studies" variant={agreement.link === undefined ? 'filled' : 'default'}>
            {words.next.studies}
          </Button>
        ) : null}
        {own && may('agreement.resume') ? <Resume hash={hash} /> : null}
        {force && !own && may('agreement.suspend') ? <Suspend hash={hash} /> : null}
        {force && agreement.renewal !== undefined && may('agreement.lapse') ? <Lapse hash={hash} /> : null}
        {force && may('agreement.revoke') ? <Revoke hash={hash} /> : null}
        {toSign && may('agreement.discard') ? <Discard hash={hash} /> : null}
        {signedBy.length > 0 ? <Save info={info} /> : null}
      </Group>
      {signedBy.includes(self) && missing.length > 0 && proposed && may('agreement.send') ? (
        <SendAgain hash={hash} />
      ) : null}
      {toSign && !may('agreement.sign') ? (
        <Text size="sm" c="dimmed">
          {words.next.signWho}
        </Text>
      ) : null}
    </>
  );
}

function Save({ info: { hash } }: { info: Info }): ReactNode {
  const save = async (): Promise<void> => {
    const { document } = await call('exportAgreement', { params: { hash } });
    download(`agreement-${hash.slice(0, 8)}.json`, new Blob([bytesOf(document)], { type: 'application/json' }));
  };
  return (
    <Button variant="default" leftSection={<IconDownload size={16} />} onClick={() => void save()}>
      {words.act.download}
    </Button>
  );
}

function SendAgain({ hash }: { hash: string }): ReactNode {
  const send = useDo('sendAgreement');
  return (
    <Stack gap="xs" align="flex-start">
      <Button variant="default" loading={send.isPending} onClick={() => send.mutate({ params: { hash } })}>
        {words.act.send}
      </Button>
      {send.isSuccess ? (
        <Text size="sm" role="status">
          {words.act.sent}
        </Text>
      ) : null}
      <ProblemNote error={send.error} />
    </Stack>
  );
}
