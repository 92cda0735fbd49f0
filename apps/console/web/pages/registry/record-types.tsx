import { Card, Code, Stack, Text, TextInput, Title } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Answer } from '../../api/operations.ts';
import { useAsk, useDo } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { CodeArea } from '../../parts/code-area.tsx';
import { Form } from '../../parts/form.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { texts } from '../../texts/index.ts';
import { useChosenModule } from './module-field.tsx';

const words = texts.registry.types;
type RecordType = Answer<'listRecordTypes'>['types'][number];

/** What records of a module may hold. */
export default function RecordTypes(): ReactNode {
  const { may } = useSession();
  const { module, field } = useChosenModule();
  return (
    <Page title={words.title} lead={words.lead}>
      <Stack gap="xl">
        {field}
        {module === undefined ? null : <Types key={module} module={module} />}
        {module !== undefined && may('record-type.add') ? <Add module={module} /> : null}
      </Stack>
    </Page>
  );
}

function Types({ module }: { module: string }): ReactNode {
  const types = useAsk('listRecordTypes', { params: { module } });
  return (
    <Asked query={types}>
      {(found) =>
        found.types.length === 0 ? (
          <Text>{words.none}</Text>
        ) : (
          found.types.map((type) => <OneType key={type.name} type={type} />)
        )
      }
    </Asked>
  );
}

function OneType({ type: { name, version, schema } }: { type: RecordType }): ReactNode {
  return (
    <Card withBorder component="section" aria-label={name}>
      <Stack gap="sm">
        <Title order={2} fz={16}>
          {name}
        </Title>
        <Text size="sm" c="dimmed">
          {words.version(version)}
        </Text>
        <Code block mah={320} style={{ overflow: 'auto' }} tabIndex={0} role="region" aria-label={words.schemaOf(name)}>
          {schema}
        </Code>
      </Stack>
    </Card>
  );
}

function Add({ module }: { module: string }): ReactNode {
  const [name, setName] = useState('');
  const [schema, setSchema] = useState('');
  const add = useDo('addRecordType', () => {
    setName('');
    setSchema('');
  });
  const submit = (): void => {
    add.mutate({ params: { module }, body: { name, schema } });
  };
  return (
    <Section title={words.add}>
      <Text size="sm" maw={720}>
        {words.addLead}
      </Text>
      <Form
        label={words.submit}
        sending={add}
        submit={submit}
        said={add.data === undefined ? null : <Text role="status">{words.added(add.data.name, add.data.version)}</Text>}
      >
        <TextInput
          label={words.name}
          description={words.nameHint}
          required
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
        <CodeArea
          label={words.schema}
          description={words.schemaHint}
          required
          minRows={6}
          maxRows={24}
          value={schema}
          onChange={({ currentTarget }) => setSchema(currentTarget.value)}
        />
      </Form>
    </Section>
  );
}
