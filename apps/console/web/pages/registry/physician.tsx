import { Code, Group, Select, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useLocation } from 'wouter';
import type { Answer } from '../../api/operations.ts';
import { useAll, useAsk, useDo } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { Rows } from '../../parts/rows.tsx';
import { texts } from '../../texts/index.ts';

const words = texts.registry.physicians;
type Physician = Answer<'showPhysician'>;
type Decision = 'vetted' | 'suspended' | 'excluded';

/** One physician: what is decided of them, and with which cards they come. */
export function OnePhysician({ id }: { id: string }): ReactNode {
  const asked = useAsk('showPhysician', { params: { physician: id } });
  const { may } = useSession();
  return (
    <Page title={words.one(asked.data?.name ?? null)}>
      <Asked query={asked}>
        {(physician) => (
          <Stack gap="xl">
            <Facts
              facts={[
                [words.columns.state, words.states[physician.state]],
                [words.columns.since, <Moment key="since" at={physician.changedAt} />],
              ]}
            />
            {may('registry.vet') ? <Decisions physician={physician} /> : null}
            <Certificates physician={physician} />
            {may('registry.vet') && physician.state === 'waiting' ? <Join application={physician} /> : null}
          </Stack>
        )}
      </Asked>
    </Page>
  );
}

function Decisions({ physician: { id, state } }: { physician: Physician }): ReactNode {
  const decide = useDo('decidePhysician');
  const button = (
    to: Decision,
    label: string,
    what: readonly string[],
    tone: 'primary' | 'default' | 'danger',
  ): ReactNode => (
    <Confirm
      key={to}
      label={label}
      title={label}
      what={what}
      tone={tone}
      pending={decide.isPending}
      error={decide.error}
      done={decide.data?.state === to}
      onConfirm={() => decide.mutate({ params: { physician: id }, body: { state: to } })}
    />
  );
  return (
    <Group>
      {state === 'vetted' ? null : button('vetted', words.vet, words.vetWhat, 'primary')}
      {state === 'vetted' ? button('suspended', words.suspend, words.suspendWhat, 'default') : null}
      {state === 'excluded' ? null : button('excluded', words.exclude, words.excludeWhat, 'danger')}
    </Group>
  );
}

function Certificates({ physician: { id, certificates } }: { physician: Physician }): ReactNode {
  const { may } = useSession();
  const drop = useDo('dropPhysicianCertificate');
  return (
    <Section title={words.certificates}>
      <Text size="sm">{words.certificatesLead}</Text>
      <Rows
        rows={certificates}
        keyOf={({ thumbprint }) => thumbprint}
        none={words.noCertificates}
        minWidth={640}
        columns={[
          { title: words.subject, cell: ({ subject }) => subject },
          { title: words.thumbprint, cell: ({ thumbprint }) => <Code>{thumbprint}</Code> },
          {
            title: '',
            cell: ({ thumbprint }) =>
              may('registry.vet') ? (
                <Confirm
                  label={words.drop}
                  title={words.drop}
                  what={words.dropWhat}
                  pending={drop.isPending}
                  error={drop.error}
                  done={drop.isSuccess}
                  onConfirm={() => drop.mutate({ params: { physician: id, thumbprint } })}
                />
              ) : null,
          },
        ]}
      />
    </Section>
  );
}

/** An application that is of somebody who is known already. */
function Join({ application }: { application: Physician }): ReactNode {
  const [, go] = useLocation();
  const known = useAll('listPhysicians', { query: { state: 'vetted' } });
  const [chosen, choose] = useState<string | null>(null);
  const join = useDo('joinPhysician', ({ id }) => go(`/physicians/${id}`));
  const others = known.data?.items ?? [];
  if (others.length === 0) return null;
  return (
    <Section title={words.join}>
      <Text size="sm">{words.joinLead}</Text>
      <Group align="flex-end">
        <Select
          label={words.joinTo}
          searchable
          value={chosen}
          onChange={choose}
          data={others.map(({ id, name }) => ({ value: id, label: `${name ?? words.nameless} (${id.slice(0, 6)})` }))}
        />
        {chosen === null ? null : (
          <Confirm
            label={words.joinGo}
            title={words.join}
            what={words.joinWhat}
            pending={join.isPending}
            error={join.error}
            done={join.isSuccess}
            onConfirm={() => join.mutate({ params: { physician: chosen }, body: { application: application.id } })}
          />
        )}
      </Group>
    </Section>
  );
}
