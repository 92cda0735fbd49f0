import { Badge, Group, List, Stack, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useAsk } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Hash } from '../../parts/hash.tsx';
import { LogLink } from '../../parts/log-link.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Section } from '../../parts/page.tsx';
import { texts } from '../../texts/index.ts';
import { Checks } from './checks.tsx';
import { Learns } from './learns.tsx';
import { type Info, nameOf, type Terms } from './of.ts';

const words = texts.agreements;

/** What the agreement means: who learns what, its terms, who has signed, and what was checked. */
export function Overview({ info }: { info: Info }): ReactNode {
  return (
    <Stack gap="xl">
      <Learns info={info} />
      {['draft', 'proposed', 'countered'].includes(info.state) ? <Checks hash={info.hash} /> : null}
      <Signatures info={info} />
      <AgreedFacts info={info} />
    </Stack>
  );
}

function Signatures({ info: { hash, agreement, signedBy } }: { info: Info }): ReactNode {
  const { may } = useSession();
  const self = useAsk('getStatus', {}).data?.id;
  const history = useAsk('agreementHistory', { params: { hash } }, { enabled: may('agreement.history') });
  const signatures = history.data?.changes.filter(({ what }) => what === 'signed') ?? [];
  return (
    <Section title={words.parties.title}>
      <Table layout="fixed" maw={720}>
        <Table.Tbody>
          {agreement.parties.map(({ id, name }) => {
            const own = signatures.find(({ by }) => by === id);
            return (
              <Table.Tr key={id}>
                <Table.Th scope="row">
                  <Group gap="xs">
                    {name}
                    {id === self ? (
                      <Badge variant="default" tt="none" fw={500}>
                        {words.parties.you}
                      </Badge>
                    ) : null}
                  </Group>
                </Table.Th>
                <Table.Td>
                  {signedBy.includes(id) ? words.parties.signed : words.parties.missing}
                  {own === undefined ? null : (
                    <>
                      , <Moment at={own.at} />
                      {own.log === null ? null : (
                        <>
                          {' '}
                          <LogLink index={own.log.index} label={words.parties.log} />
                        </>
                      )}
                    </>
                  )}
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Section>
  );
}

function AgreedFacts({ info }: { info: Info }): ReactNode {
  return (
    <Section title={words.facts.title}>
      <Facts facts={factsOf(info)} />
    </Section>
  );
}

function factsOf({ agreement, runs, runsLeft, hash }: Info): [label: string, what: ReactNode][] {
  const { facts } = words;
  const { purpose, term, renewal, onwardUse, keyService, studies } = agreement;
  return [
    [facts.purpose, purpose === undefined ? facts.purposeNone : <PurposeOf key="purpose" purpose={purpose} />],
    ...(purpose === undefined ? [] : [[facts.legalBasis, basesOf(purpose.legalBasis)] satisfies [string, ReactNode]]),
    [
      facts.term,
      <>
        {facts.fromUntil(term.from, term.until)}
        {renewal === undefined ? null : <Text size="sm">{facts.renewal(renewal.months, renewal.until)}</Text>}
      </>,
    ],
    ...(agreement.link === undefined ? [] : [[facts.runs, facts.runsOf(runs, runsLeft)] satisfies [string, string]]),
    ...(studies === undefined
      ? []
      : [[facts.minPatients, facts.patients(studies.minPatients)] satisfies [string, string]]),
    [
      facts.onward,
      onwardUse === undefined || onwardUse === 'none'
        ? facts.onwardNone
        : facts.onwardTo(onwardUse.recipients.join(', ')),
    ],
    [facts.keyService, nameOf(agreement, keyService.id)],
    [facts.hash, <Hash key="hash" value={hash} what={facts.hashOf} />],
  ];
}

function PurposeOf({ purpose: { text, uses } }: { purpose: NonNullable<Terms['purpose']> }): ReactNode {
  return (
    <>
      <Text size="sm">{text}</Text>
      <Text size="sm" c="dimmed">
        {uses.map((use) => texts.purposes[use] ?? use).join(', ')}
      </Text>
    </>
  );
}

function basesOf(bases: readonly string[]): ReactNode {
  return (
    <List size="sm" listStyleType="none">
      {bases.map((basis) => (
        <List.Item key={basis}>
          {basis}: {texts.legalBases[basis] ?? ''}
        </List.Item>
      ))}
    </List>
  );
}
