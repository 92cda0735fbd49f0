import { Anchor, Button, FileButton, Paper, Stack, Table, Text } from '@mantine/core';
import { IconPlus, IconUpload } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { useAll, useAsk, useDo } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { base64urlOf } from '../../parts/base64url.ts';
import { Busy } from '../../parts/busy.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { State } from '../../parts/state.tsx';
import { texts } from '../../texts/index.ts';
import { aboutOf, groupOf, type Info } from './of.ts';

const words = texts.agreements;

/** All agreements by what they wait for; those that wait here come first. */
export function Agreements(): ReactNode {
  const { may } = useSession();
  const [, go] = useLocation();
  const list = useAll('listAgreements', {});
  const self = useAsk('getStatus', {}).data?.id;
  const receive = useDo('receiveAgreement', ({ hash }) => go(`/agreements/${hash}`));
  const take = async (file: File | null): Promise<void> => {
    if (file !== null) receive.mutate({ body: { document: base64urlOf(new Uint8Array(await file.arrayBuffer())) } });
  };
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={
        <>
          {may('agreement.receive') ? (
            <FileButton onChange={(file) => void take(file)}>
              {(props) => (
                <Button {...props} variant="default" leftSection={<IconUpload size={16} />} loading={receive.isPending}>
                  {words.receive}
                </Button>
              )}
            </FileButton>
          ) : null}
          {may('agreement.draft') ? (
            <Button component={Link} href="/agreements/new" leftSection={<IconPlus size={16} />}>
              {words.create}
            </Button>
          ) : null}
        </>
      }
    >
      <ProblemNote error={receive.error} />
      <Asked query={list}>
        {({ items }) => (self === undefined ? <Busy /> : <Groups agreements={items} self={self} />)}
      </Asked>
    </Page>
  );
}

function Groups({ agreements, self }: { agreements: readonly Info[]; self: string }): ReactNode {
  const { may } = useSession();
  if (agreements.length === 0) {
    return (
      <Paper withBorder p="xl">
        <Text>{may('agreement.draft') ? words.none : words.noneFor}</Text>
      </Paper>
    );
  }
  const groups = Map.groupBy(agreements, (one) => groupOf(one, self));
  return (
    <Stack gap="xl">
      {(Object.keys(words.groups) as (keyof typeof words.groups)[]).map((group) => {
        const own = groups.get(group);
        if (own === undefined) return null;
        return (
          <Section key={group} title={words.groups[group]}>
            <Rows agreements={own.toSorted((a, b) => b.addedAt.localeCompare(a.addedAt))} self={self} />
          </Section>
        );
      })}
    </Stack>
  );
}

function Rows({ agreements, self }: { agreements: readonly Info[]; self: string }): ReactNode {
  const { columns } = words;
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table verticalSpacing="sm" highlightOnHover layout="fixed">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col" w="32%">
              {columns.title}
            </Table.Th>
            <Table.Th scope="col">{columns.with}</Table.Th>
            <Table.Th scope="col">{columns.about}</Table.Th>
            <Table.Th scope="col">{columns.until}</Table.Th>
            <Table.Th scope="col" className="number">
              {columns.left}
            </Table.Th>
            <Table.Th scope="col">{columns.state}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {agreements.map(({ hash, title, agreement, runsLeft, state }) => (
            <Table.Tr key={hash}>
              <Table.Td>
                <Anchor component={Link} href={`/agreements/${hash}`} fw={600}>
                  {title}
                </Anchor>
              </Table.Td>
              <Table.Td>
                {agreement.parties
                  .filter(({ id }) => id !== self)
                  .map(({ name }) => name)
                  .join(', ')}
              </Table.Td>
              <Table.Td>{aboutOf(agreement)}</Table.Td>
              <Table.Td>{agreement.term.until}</Table.Td>
              <Table.Td className="number">
                {agreement.link === undefined ? '' : runsLeft.toLocaleString('en')}
              </Table.Td>
              <Table.Td>
                <State state={state} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
