import { Button, Code, Group, List, Stack, Table, Text } from '@mantine/core';
import { IconRefresh, IconUpload } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import type { Answer } from '../../api/operations.ts';
import { useAsk, useDo } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { texts } from '../../texts/index.ts';
import { Columns } from './columns.tsx';

const words = texts.data;
type Found = Answer<'getDataset'>;

/** One data set: what was found in it, what agreements allow with it, what is wrong. */
export function Dataset({ name }: { name: string }): ReactNode {
  const dataset = useAsk('getDataset', { params: { name } });
  return (
    <Page title={name} actions={dataset.data === undefined ? undefined : <Actions dataset={dataset.data} />}>
      <Asked query={dataset}>
        {(found) => (
          <Stack gap="xl">
            <About dataset={found} />
            <Section title={words.columnsTitle}>
              <Columns dataset={found} />
            </Section>
            <Section title={words.problemsTitle}>
              <Problems dataset={found} />
            </Section>
          </Stack>
        )}
      </Asked>
    </Page>
  );
}

function Actions({ dataset }: { dataset: Found }): ReactNode {
  const { may } = useSession();
  return (
    <Group align="flex-start">
      {dataset.uploaded !== true ? (
        <ReadAgain dataset={dataset} />
      ) : may('dataset.add') ? (
        <Button
          variant="default"
          component={Link}
          href={`/data/add?name=${encodeURIComponent(dataset.name)}`}
          leftSection={<IconUpload size={16} />}
        >
          {words.newer}
        </Button>
      ) : null}
      {may('dataset.remove') ? <Remove dataset={dataset} /> : null}
    </Group>
  );
}

function Remove({ dataset: { name, uploaded } }: { dataset: Found }): ReactNode {
  const [, go] = useLocation();
  const remove = useDo('removeDataset', () => go('/data'));
  const { removeWhat } = words;
  return (
    <Confirm
      label={words.remove}
      title={words.removeTitle(name)}
      what={[
        uploaded === true ? removeWhat.sent : removeWhat.stays,
        removeWhat.agreements,
        removeWhat.people,
        removeWhat.results,
      ]}
      word={name}
      tone="danger"
      pending={remove.isPending}
      error={remove.error}
      done={remove.isSuccess}
      onConfirm={() => remove.mutate({ params: { name } })}
    />
  );
}

/** A file that was named once may be read anew; of a database the password is not shown, so its steward adds it again. */
function ReadAgain({ dataset: { name, source } }: { dataset: Found }): ReactNode {
  const { may } = useSession();
  const add = useDo('addDataset');
  if (!may('dataset.add') || !('path' in source)) return null;
  return (
    <Stack gap="xs">
      <Button
        variant="default"
        leftSection={<IconRefresh size={16} />}
        loading={add.isPending}
        onClick={() => add.mutate({ body: { name, source } })}
      >
        {words.readAgain}
      </Button>
      {add.isSuccess ? (
        <Text size="sm" role="status">
          {words.readAgainDone}
        </Text>
      ) : null}
      <ProblemNote error={add.error} />
    </Stack>
  );
}

function About({ dataset: { source, uploaded, rows, addedAt, notes } }: { dataset: Found }): ReactNode {
  const where = 'path' in source ? source.path : `${source.url} ${'table' in source ? source.table : source.query}`;
  return (
    <Stack gap="xs">
      <Group gap="xl">
        <Fact label={words.about.rows}>{rows.toLocaleString('en')}</Fact>
        <Fact label={words.about.read}>
          <Moment at={addedAt} />
        </Fact>
        <Fact label={words.about.source}>{uploaded === true ? words.about.sent : <Code>{where}</Code>}</Fact>
      </Group>
      {notes.length === 0 ? null : (
        <Fact label={words.about.notes}>
          <List size="sm">
            {notes.map((note) => (
              <List.Item key={note}>{note}</List.Item>
            ))}
          </List>
        </Fact>
      )}
    </Stack>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }): ReactNode {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <div>{children}</div>
    </div>
  );
}

function Problems({ dataset: { problems, problemCount } }: { dataset: Found }): ReactNode {
  if (problemCount === 0) return <Text>{words.noneWrong}</Text>;
  return (
    <>
      <Text size="sm">{words.problemsLead(problems.length, problemCount)}</Text>
      <Table.ScrollContainer minWidth={480}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col" className="number">
                {words.row}
              </Table.Th>
              <Table.Th scope="col">{words.column}</Table.Th>
              <Table.Th scope="col">{words.what}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {problems.map(({ file, row, column, message }) => (
              <Table.Tr key={`${file} ${row} ${column} ${message}`}>
                <Table.Td className="number">{row.toLocaleString('en')}</Table.Td>
                <Table.Td>{column ?? ''}</Table.Td>
                <Table.Td>{message}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </>
  );
}
