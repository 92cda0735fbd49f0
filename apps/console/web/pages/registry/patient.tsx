import { Anchor, Checkbox, Code, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { Answer } from '../../api/operations.ts';
import { logged, useAll, useAsk, useDo } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { Rows } from '../../parts/rows.tsx';
import { texts } from '../../texts/index.ts';
import { fieldLabel } from './field-label.ts';

const words = texts.registry.patients;
type Patient = Answer<'showPatient'>;

/** One patient: under which names, with which cards, what they ask for. */
export function OnePatient({ number }: { number: number }): ReactNode {
  const asked = useAsk('showPatient', { params: { patient: number } }, logged);
  const { may } = useSession();
  return (
    <Page title={texts.registry.review.patient(number)}>
      <Asked query={asked}>
        {(patient) => (
          <Stack gap="xl">
            <Identities patient={patient} />
            <Cards patient={patient} />
            <Physicians patient={patient} />
            {may('registry.rights') ? <Rights patient={number} /> : null}
          </Stack>
        )}
      </Asked>
    </Page>
  );
}

/** Names under which the patient is known. Those that are somebody else's become a patient of their own. */
function Identities({ patient: { patient, identities } }: { patient: Patient }): ReactNode {
  const { may } = useSession();
  const [, go] = useLocation();
  const [chosen, choose] = useState<readonly number[]>([]);
  const split = useDo('splitPatient', ({ to }) => go(`/patients/${to}`));
  const fields = [...new Set(identities.flatMap(({ person }) => Object.keys(person)))];
  const splits = may('registry.review') && identities.length > 1;
  return (
    <Section title={words.identities}>
      <Rows
        rows={identities}
        keyOf={({ identity }) => identity}
        none={words.none}
        minWidth={640}
        columns={[
          ...(splits
            ? [
                {
                  title: words.another,
                  cell: ({ identity }: Patient['identities'][number]) => (
                    <Checkbox
                      aria-label={words.isAnother(identity)}
                      checked={chosen.includes(identity)}
                      onChange={({ currentTarget: { checked } }) =>
                        choose(checked ? [...chosen, identity] : chosen.filter((one) => one !== identity))
                      }
                    />
                  ),
                },
              ]
            : []),
          ...fields.map((field) => ({
            title: fieldLabel(field),
            cell: ({ person }: Patient['identities'][number]) => person[field] ?? '',
          })),
          { title: texts.registry.review.added, cell: ({ addedAt }) => <Moment at={addedAt} /> },
        ]}
      />
      {splits && chosen.length > 0 && chosen.length < identities.length ? (
        <Group>
          <Confirm
            label={words.split}
            title={words.split}
            what={words.splitWhat}
            pending={split.isPending}
            error={split.error}
            done={split.isSuccess}
            onConfirm={() => split.mutate({ params: { patient }, body: { identities: [...chosen] } })}
          />
        </Group>
      ) : null}
    </Section>
  );
}

function Cards({ patient: { cards } }: { patient: Patient }): ReactNode {
  const { may } = useSession();
  const end = useDo('endPatientsCard');
  return (
    <Section title={words.cards}>
      <Rows
        rows={cards}
        keyOf={({ thumbprint }) => thumbprint}
        none={words.noCards}
        minWidth={640}
        columns={[
          { title: words.thumbprint, cell: ({ thumbprint }) => <Code>{thumbprint.slice(0, 12)}…</Code> },
          { title: words.state, cell: ({ state }) => words.states[state] },
          { title: texts.registry.review.added, cell: ({ addedAt }) => <Moment at={addedAt} /> },
          {
            title: '',
            cell: ({ thumbprint, state }) =>
              may('registry.rights') && state === 'active' ? (
                <Confirm
                  label={words.endCard}
                  title={words.endCard}
                  what={words.endCardWhat}
                  tone="danger"
                  pending={end.isPending}
                  error={end.error}
                  done={end.isSuccess}
                  onConfirm={() => end.mutate({ params: { thumbprint } })}
                />
              ) : null,
          },
        ]}
      />
    </Section>
  );
}

function Physicians({ patient: { physicians } }: { patient: Patient }): ReactNode {
  const { may } = useSession();
  const known = useAll('listPhysicians', {}, { enabled: may('registry.physicians') });
  const names = new Map(known.data?.items.map(({ id, name }) => [id, name]));
  return (
    <Section title={words.physicians}>
      {physicians.length === 0 ? <Text>{words.noPhysicians}</Text> : null}
      <Group>
        {physicians.map((id) => (
          <Anchor key={id} component={Link} href={`/physicians/${id}`}>
            {names.get(id) ?? texts.registry.physicians.nameless}
          </Anchor>
        ))}
      </Group>
    </Section>
  );
}

/** What a patient may ask for who cannot do so by the card, at the desk of whoever knows them. */
function Rights({ patient }: { patient: number }): ReactNode {
  const ask = useDo('exercisePatientsRight');
  return (
    <Section title={words.rights}>
      <Text size="sm" maw={720}>
        {words.rightsLead}
      </Text>
      <Group>
        {(['withdraw', 'object', 'erase'] as const).map((right) => (
          <Confirm
            key={right}
            label={words.right[right].label}
            title={words.right[right].label}
            what={words.right[right].what}
            tone={right === 'erase' ? 'danger' : 'default'}
            {...(right === 'erase' ? { word: words.eraseWord } : {})}
            pending={ask.isPending}
            error={ask.error}
            done={ask.isSuccess && ask.variables.body.right === right}
            onConfirm={() => ask.mutate({ params: { patient }, body: { right } })}
          />
        ))}
      </Group>
      {ask.isSuccess ? (
        <Text role="status" size="sm">
          {words.asked}
        </Text>
      ) : null}
    </Section>
  );
}
