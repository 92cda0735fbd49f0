import { Button, Group, Select, Stack, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { Answer } from '../../api/operations.ts';
import { useAsk, useDo } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Form } from '../../parts/form.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { Rows } from '../../parts/rows.tsx';
import { texts } from '../../texts/index.ts';

const words = texts.registry.installations;
type Institutions = Answer<'listInstitutions'>;

/** Which computer works for which institution. */
export default function Installations(): ReactNode {
  const { may } = useSession();
  const institutions = useAsk('listInstitutions', {});
  return (
    <Page title={words.title} lead={words.lead}>
      <Asked query={institutions}>
        {(found) => (
          <Stack gap="xl">
            <Known institutions={found} />
            {may('registry.install') && found.length > 0 ? <Assign institutions={found} /> : null}
            <Section title={words.institutions}>
              <Rows
                rows={found}
                keyOf={({ id }) => id}
                none={words.noInstitutions}
                minWidth={320}
                columns={[
                  { title: words.id, cell: ({ id }) => id },
                  { title: words.name, cell: ({ name }) => name },
                ]}
              />
              {may('registry.install') ? <AddInstitution /> : null}
            </Section>
          </Stack>
        )}
      </Asked>
    </Page>
  );
}

function Known({ institutions }: { institutions: Institutions }): ReactNode {
  const { may } = useSession();
  const installations = useAsk('listInstallations', {});
  const remove = useDo('removeInstallation');
  const nameOf = (id: string): string => institutions.find((one) => one.id === id)?.name ?? id;
  const { columns } = words;
  return (
    <Asked query={installations}>
      {(found) => (
        <Rows
          rows={found}
          keyOf={({ id }) => id}
          none={words.none}
          columns={[
            { title: columns.id, cell: ({ id }) => id },
            { title: columns.institution, cell: ({ institution }) => nameOf(institution) },
            { title: columns.at, cell: ({ addedAt }) => <Moment at={addedAt} /> },
            {
              title: columns.remove,
              cell: ({ id }) =>
                may('registry.install') ? (
                  <Confirm
                    label={words.remove}
                    title={`${words.remove}: ${id}`}
                    what={words.removeWhat}
                    pending={remove.isPending}
                    error={remove.error}
                    done={remove.isSuccess}
                    onConfirm={() => remove.mutate({ params: { installation: id } })}
                  />
                ) : null,
            },
          ]}
        />
      )}
    </Asked>
  );
}

function Assign({ institutions }: { institutions: Institutions }): ReactNode {
  const [installation, setInstallation] = useState('');
  const [institution, setInstitution] = useState<string | null>(institutions[0]!.id);
  const assign = useDo('setInstallation', () => setInstallation(''));
  const submit = (): void => {
    assign.mutate({ params: { installation: installation.trim() }, body: { institution: institution! } });
  };
  return (
    <Section title={words.assignTitle}>
      <Form label={words.assign} sending={assign} width={560} submit={submit}>
        <TextInput
          label={words.installation}
          description={words.installationHint}
          required
          value={installation}
          onChange={({ currentTarget }) => setInstallation(currentTarget.value)}
        />
        <Select
          label={words.institution}
          allowDeselect={false}
          value={institution}
          onChange={setInstitution}
          data={institutions.map(({ id, name }) => ({ value: id, label: name }))}
        />
      </Form>
    </Section>
  );
}

function AddInstitution(): ReactNode {
  const [id, setId] = useState('');
  const [name, setName] = useState('');
  const add = useDo('setInstitution', () => {
    setId('');
    setName('');
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    add.mutate({ body: { id: id.trim(), name: name.trim() } });
  };
  return (
    <form onSubmit={submit}>
      <Group align="flex-end">
        <TextInput
          label={words.id}
          description={words.idHint}
          required
          value={id}
          onChange={({ currentTarget }) => setId(currentTarget.value)}
        />
        <TextInput
          label={words.name}
          required
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
        <Button type="submit" variant="default" loading={add.isPending}>
          {words.add}
        </Button>
      </Group>
      <ProblemNote error={add.error} />
    </form>
  );
}
