import { Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Answer } from '../../api/operations.ts';
import { useAsk, useDo } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Form } from '../../parts/form.tsx';
import { Section } from '../../parts/page.tsx';
import { Rows } from '../../parts/rows.tsx';
import { texts } from '../../texts/index.ts';
import { useColumn } from './column-field.tsx';

const words = texts.subjects.holds;
type Hold = Answer<'listHolds'>['holds'][number];

/** What must not be deleted, and until when. */
export function Holds(): ReactNode {
  const { may } = useSession();
  const holds = useAsk('listHolds', {});
  const { columns } = words;
  return (
    <Stack gap="xl">
      <Text maw={720}>{words.lead}</Text>
      <Asked query={holds}>
        {({ holds: items }) => (
          <Rows
            rows={items}
            keyOf={({ id }) => id}
            none={words.none}
            minWidth={720}
            faint={({ stands }) => !stands}
            columns={[
              { title: columns.on, cell: ({ dataset, person }) => (person ? words.person : words.whole)(dataset) },
              { title: columns.why, cell: ({ reason }) => reason },
              { title: columns.by, cell: ({ by }) => by },
              { title: columns.state, cell: stateOf },
              { title: '', cell: (hold) => <Lift hold={hold} /> },
            ]}
          />
        )}
      </Asked>
      {may('subject.hold') ? <SetHold /> : null}
    </Stack>
  );
}

function stateOf({ stands, until, liftAskedBy, liftedBy }: Hold): string {
  if (liftedBy !== null) return words.liftedBy([liftAskedBy, liftedBy].filter((who) => who !== null).join(', '));
  if (!stands) return words.over;
  if (liftAskedBy !== null) return words.asked(liftAskedBy);
  return until === null ? words.stands : words.until(until);
}

function Lift({ hold: { id, stands, liftAskedBy, reason } }: { hold: Hold }): ReactNode {
  const { me, may } = useSession();
  const lift = useDo('liftHold');
  if (!stands || !may('subject.lift') || liftAskedBy === me.id) return null;
  return (
    <Confirm
      label={words.lift}
      title={`${words.liftTitle} ${reason}`}
      what={words.liftWhat}
      tone="danger"
      pending={lift.isPending}
      error={lift.error}
      done={lift.isSuccess}
      onConfirm={() => lift.mutate({ params: { hold: id } })}
    />
  );
}

function SetHold(): ReactNode {
  const [value, setValue] = useState('');
  const { dataset, column, field } = useColumn(value.trim() !== '');
  const [reason, setReason] = useState('');
  const [until, setUntil] = useState('');
  const set = useDo('setHold', () => {
    setValue('');
    setReason('');
    setUntil('');
  });
  const submit = (): void => {
    if (dataset === null) return;
    const person = value.trim() === '' ? {} : { column, value: value.trim() };
    set.mutate({ body: { dataset, ...person, reason, ...(until === '' ? {} : { until }) } });
  };
  return (
    <Section title={words.set}>
      <Form label={words.submit} sending={set} submit={submit}>
        {field}
        <TextInput
          label={words.who}
          description={words.personHint}
          autoComplete="off"
          value={value}
          onChange={({ currentTarget }) => setValue(currentTarget.value)}
        />
        <TextInput
          label={words.reason}
          description={words.reasonHint}
          required
          value={reason}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
        />
        <TextInput
          type="date"
          label={words.last}
          description={words.lastHint}
          value={until}
          onChange={({ currentTarget }) => setUntil(currentTarget.value)}
        />
      </Form>
    </Section>
  );
}
