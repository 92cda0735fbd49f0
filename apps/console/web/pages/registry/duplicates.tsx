import { Badge, Card, Group, Stack, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Answer } from '../../api/operations.ts';
import { useDo, useList } from '../../api/queries.ts';
import { Busy } from '../../parts/busy.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Moment } from '../../parts/moment.tsx';
import { More } from '../../parts/more.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { texts } from '../../texts/index.ts';
import { fieldLabel } from './field-label.ts';

const words = texts.registry.review;
type Pair = Answer<'listDuplicates'>['items'][number];
type Named = Pair['people'][number];

/** Pairs of patients who may be one person, to be decided on. */
export function Duplicates(): ReactNode {
  const pairs = useList('listDuplicates', {}, 20);
  if (pairs.isPending) return <Busy />;
  const items = pairs.items as readonly Pair[];
  return (
    <Stack gap="lg">
      <ProblemNote error={pairs.error} />
      {items.length === 0 ? <Text>{words.none}</Text> : items.map((pair) => <OnePair key={pair.id} pair={pair} />)}
      <More list={pairs} />
    </Stack>
  );
}

function OnePair({ pair: { id, people, reasons } }: { pair: Pair }): ReactNode {
  // The patient who has been known longer stays.
  const [into, from] = [...people].sort((one, other) => one.patient - other.patient) as [Named, Named];
  const merge = useDo('mergePatients');
  const dismiss = useDo('dismissDuplicate');
  const label = `${words.patient(into.patient)}, ${words.patient(from.patient)}`;
  return (
    <Card withBorder component="section" aria-label={label}>
      <Stack>
        <Compared one={into} other={from} />
        <Text size="sm" c="dimmed">
          {words.alike}:{' '}
          {Object.entries(reasons)
            .map(([field, reason]) => `${fieldLabel(field)} ${reason}`)
            .join('; ')}
        </Text>
        <Group>
          <Confirm
            label={words.merge}
            title={words.merge}
            what={words.mergeWhat(from.patient, into.patient)}
            tone="primary"
            pending={merge.isPending}
            error={merge.error}
            done={merge.isSuccess}
            onConfirm={() => merge.mutate({ params: { patient: from.patient }, body: { into: into.patient } })}
          />
          <Confirm
            label={words.apart}
            title={words.apart}
            what={words.apartWhat}
            pending={dismiss.isPending}
            error={dismiss.error}
            done={dismiss.isSuccess}
            onConfirm={() => dismiss.mutate({ params: { duplicate: id } })}
          />
        </Group>
      </Stack>
    </Card>
  );
}

/** Two people beside each other, where they differ marked in words too. */
function Compared({ one, other }: { one: Named; other: Named }): ReactNode {
  const fields = [...new Set([...Object.keys(one.person), ...Object.keys(other.person)])];
  return (
    <Table.ScrollContainer minWidth={520}>
      <Table layout="fixed">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{words.field}</Table.Th>
            <Table.Th scope="col">{words.patient(one.patient)}</Table.Th>
            <Table.Th scope="col">{words.patient(other.patient)}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {fields.map((field) => {
            const differs = one.person[field] !== other.person[field];
            return (
              <Table.Tr key={field}>
                <Table.Th scope="row" fw={500}>
                  {fieldLabel(field)}{' '}
                  {differs ? (
                    <Badge variant="outline" color="orange" c="var(--mantine-color-text)" tt="none" fw={500} size="sm">
                      {words.differs}
                    </Badge>
                  ) : null}
                </Table.Th>
                <Table.Td fw={differs ? 600 : 400}>{one.person[field]}</Table.Td>
                <Table.Td fw={differs ? 600 : 400}>{other.person[field]}</Table.Td>
              </Table.Tr>
            );
          })}
          <Table.Tr>
            <Table.Th scope="row" fw={500}>
              {words.added}
            </Table.Th>
            <Table.Td>
              <Moment at={one.addedAt} />
            </Table.Td>
            <Table.Td>
              <Moment at={other.addedAt} />
            </Table.Td>
          </Table.Tr>
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
