import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { Answer, Input } from '../../api/operations.ts';
import { useAll, useDo } from '../../api/queries.ts';
import { CodeArea } from '../../parts/code-area.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Section } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { texts } from '../../texts/index.ts';
import { useColumn } from './column-field.tsx';

const words = texts.subjects.ask;
type What = keyof typeof words.whats;
type Of = keyof typeof words.ofs;
type Purpose = NonNullable<Input<'optOut'>['body']['purpose']>;

const optionsOf = (labels: Readonly<Record<string, string>>) =>
  Object.entries(labels).map(([value, label]) => ({ value, label }));

/** Enters what patients ask. Whoever enters it learns how many records are theirs. */
export function Ask(): ReactNode {
  const { dataset, column, field } = useColumn();
  const agreements = useAll('listAgreements', {}).data?.items ?? [];
  const [typed, setTyped] = useState('');
  const [what, setWhat] = useState<What>('out');
  const [of, setOf] = useState<Of>('all');
  const [purpose, setPurpose] = useState<Purpose>('HRESCH');
  const [agreement, setAgreement] = useState<string | null>(null);
  const [from, setFrom] = useState('');
  const done = (): void => setTyped('');
  const out = useDo('optOut', done);
  const back = useDo('optIn', done);
  const erase = useDo('eraseSubjects', done);
  const values = typed.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
  const ready = dataset !== null && column !== undefined && values.length > 0;
  const params = { name: dataset ?? '' };
  const people = { column, values };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!ready || what === 'erase') return;
    const scope = {
      ...(of === 'purpose' ? { purpose } : {}),
      ...(of === 'agreement' && agreement !== null ? { agreement } : {}),
    };
    if (what === 'in') back.mutate({ params, body: { ...people, ...scope } });
    else out.mutate({ params, body: { ...people, ...scope, ...(from === '' ? {} : { from }) } });
  };
  const { error, data } = { out, in: back, erase }[what];
  return (
    <Section title={words.title}>
      <form onSubmit={submit}>
        <Stack maw={720}>
          {field}
          <CodeArea
            label={words.people}
            description={words.peopleHint}
            required
            minRows={2}
            maxRows={12}
            autoComplete="off"
            value={typed}
            onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          />
          <Select
            label={words.what}
            allowDeselect={false}
            data={optionsOf(words.whats)}
            value={what}
            onChange={(value) => setWhat(value as What)}
          />
          {what === 'erase' ? null : (
            <Select
              label={words.of}
              allowDeselect={false}
              data={optionsOf(words.ofs)}
              value={of}
              onChange={(value) => setOf(value as Of)}
            />
          )}
          {what !== 'erase' && of === 'purpose' ? (
            <Select
              label={words.purpose}
              allowDeselect={false}
              data={optionsOf(texts.purposes)}
              value={purpose}
              onChange={(value) => setPurpose(value as Purpose)}
            />
          ) : null}
          {what !== 'erase' && of === 'agreement' ? (
            <Select
              label={words.agreement}
              required
              data={agreements.map(({ hash, title }) => ({ value: hash, label: `${title} (${hash.slice(0, 6)})` }))}
              value={agreement}
              onChange={setAgreement}
            />
          ) : null}
          {what === 'out' ? (
            <TextInput
              type="date"
              label={words.from}
              value={from}
              onChange={({ currentTarget }) => setFrom(currentTarget.value)}
            />
          ) : null}
          {what === 'erase' ? null : <ProblemNote error={error} />}
          {data === undefined ? null : <Done done={data} />}
          <Group>
            {what === 'erase' && ready ? (
              <Confirm
                label={words.erase}
                title={words.eraseTitle(values.length)}
                what={words.eraseWhat}
                word={words.eraseWord}
                tone="danger"
                pending={erase.isPending}
                error={erase.error}
                done={erase.isSuccess}
                onConfirm={() => erase.mutate({ params, body: people })}
              />
            ) : (
              <Button
                type="submit"
                disabled={!ready || (of === 'agreement' && agreement === null)}
                loading={out.isPending || back.isPending}
              >
                {what === 'erase' ? words.erase : words.submit}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

function Done({ done }: { done: Answer<'optOut'> | Answer<'eraseSubjects'> }): ReactNode {
  return (
    <div role="status">
      <Text>{words.done(done.people, done.records)}</Text>
      {'matches' in done ? <Text>{words.erased(done.matches, done.alerts)}</Text> : null}
      {'matches' in done && done.unknown.length > 0 ? <Text>{words.unknown(done.unknown.join(', '))}</Text> : null}
    </div>
  );
}
