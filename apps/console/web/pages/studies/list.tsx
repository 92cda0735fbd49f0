import { Anchor, Badge, Button, Group, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { type ReactNode, useMemo } from 'react';
import { Link } from 'wouter';
import { useAll } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { texts } from '../../texts/index.ts';
import type { Agreement, Study } from './agreed.ts';
import { Runs } from './runs.tsx';

const words = texts.studies;

/** All studies of all agreements, and all runs. */
export function Studies(): ReactNode {
  const { may } = useSession();
  const studies = useAll('listStudies', {});
  const runs = useAll('listStudyRuns', {});
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={
        may('study.ask') ? (
          <Button component={Link} href="/studies/ask" leftSection={<IconPlus size={16} />}>
            {words.ask}
          </Button>
        ) : undefined
      }
    >
      <Stack gap="xl">
        <Section title={words.list}>
          <Asked query={studies}>
            {({ items }) => (items.length === 0 ? <NoStudies /> : <List studies={items} />)}
          </Asked>
        </Section>
        <Section title={words.runs}>
          <Asked query={runs}>{({ items }) => <Runs runs={[...items].reverse()} />}</Asked>
        </Section>
      </Stack>
    </Page>
  );
}

function NoStudies(): ReactNode {
  return (
    <Stack align="flex-start" gap="sm">
      <Text maw={640}>{words.none}</Text>
      <Button component={Link} href="/agreements" variant="default">
        {words.toAgreements}
      </Button>
    </Stack>
  );
}

function List({ studies }: { studies: readonly Study[] }): ReactNode {
  const agreements = useAll('listAgreements', {});
  const columns = useMemo(() => columnsOf(namesOf(agreements.data?.items ?? [])), [agreements.data]);
  return (
    <DataTable
      label={words.list}
      columns={columns}
      rows={studies}
      keyOf={({ agreement, name }) => `${agreement}/${name}`}
    />
  );
}

/** What organisations are called, by id. */
function namesOf(agreements: readonly Agreement[]): ReadonlyMap<string, string> {
  return new Map(agreements.flatMap(({ agreement }) => agreement.parties.map(({ id, name }) => [id, name] as const)));
}

function columnsOf(names: ReadonlyMap<string, string>): Column<Study>[] {
  const receivers = ({ to }: Study): string => to.map((id) => names.get(id) ?? id).join(', ');
  return [
    {
      id: 'study',
      label: words.study,
      grow: 2,
      by: ({ name }) => name,
      cell: ({ agreement, name, asked }) => (
        <Group gap="xs">
          <Anchor component={Link} href={`/studies/${agreement}/${name}`} fw={600}>
            {name}
          </Anchor>
          {asked === null ? null : (
            <Badge variant="default" tt="none" fw={500}>
              {words.asked}
            </Badge>
          )}
        </Group>
      ),
    },
    { id: 'agreement', label: words.agreement, by: ({ title }) => title, cell: ({ title }) => title },
    { id: 'receivers', label: words.receivers, by: receivers, cell: receivers },
    {
      id: 'here',
      label: words.here,
      by: ({ approvals, approvalsNeeded }) => approvals.length - approvalsNeeded,
      cell: ({ approvals, approvalsNeeded }) => words.approvedOf(approvals.length, approvalsNeeded),
    },
    {
      id: 'left',
      label: words.runsLeft,
      numeric: true,
      by: ({ runsLeft }) => runsLeft,
      cell: ({ runsLeft }) => runsLeft,
    },
  ];
}
