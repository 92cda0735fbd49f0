import { Button, Group, PasswordInput, Select, Text } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { Answer } from '../../api/operations.ts';
import { useAll, useDo } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { Form } from '../../parts/form.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Section } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { Rows } from '../../parts/rows.tsx';
import { texts } from '../../texts/index.ts';
import { useChosenAgreement } from './agreements.tsx';

const words = texts.outsourced.keys;
type Key = Answer<'listSealKeys'>['items'][number];

/** Keys: made, opened, locked. */
export function Keys(): ReactNode {
  const { may } = useSession();
  const keys = useAll('listSealKeys', {});
  const { columns } = words;
  return (
    <Section title={words.title}>
      <Text size="sm">{words.lead}</Text>
      <Asked query={keys}>
        {({ items }) => (
          <Rows
            rows={items}
            keyOf={({ id }) => id}
            none={words.none}
            minWidth={640}
            columns={[
              { title: columns.key, cell: ({ id }) => id },
              { title: columns.use, cell: ({ kind }) => words.uses[kind] },
              { title: columns.state, cell: stateOf },
              { title: columns.tables, cell: ({ tables }) => tables.join(', ') },
              {
                title: columns.made,
                cell: ({ madeBy, madeAt }) => (
                  <>
                    {madeBy}, <Moment at={madeAt} />
                  </>
                ),
              },
              { title: '', cell: (key) => <Unlock pair={key} /> },
            ]}
          />
        )}
      </Asked>
      {may('seal.key') ? <MakeKey /> : null}
    </Section>
  );
}

function stateOf({ state, open }: Key): string {
  const said = words.states[state] ?? state;
  return state === 'destroyed' ? said : `${said}, ${open ? words.open : words.locked}`;
}

function Unlock({ pair: { id, open, state } }: { pair: Key }): ReactNode {
  const { may } = useSession();
  const [passphrase, setPassphrase] = useState('');
  const unlock = useDo('unlockSealKey', () => setPassphrase(''));
  const lock = useDo('lockSealKey');
  if (!may('seal.unlock') || state === 'destroyed') return null;
  if (open) {
    return (
      <Button size="compact-sm" variant="default" onClick={() => lock.mutate({ params: { key: id } })}>
        {words.lock}
      </Button>
    );
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    unlock.mutate({ params: { key: id }, body: { passphrase } });
  };
  return (
    <form onSubmit={submit}>
      <Group gap="xs">
        <PasswordInput
          aria-label={`${words.passphrase}: ${columnsKey(id)}`}
          size="xs"
          w={220}
          autoComplete="off"
          value={passphrase}
          onChange={(event) => setPassphrase(event.currentTarget.value)}
        />
        <Button type="submit" size="xs" variant="default" loading={unlock.isPending} disabled={passphrase === ''}>
          {words.unlock}
        </Button>
      </Group>
      <ProblemNote error={unlock.error} />
    </form>
  );
}

const columnsKey = (id: number): string => `${words.columns.key} ${id}`;

function MakeKey(): ReactNode {
  const { hash, field } = useChosenAgreement();
  const [passphrase, setPassphrase] = useState('');
  const [kind, setKind] = useState<Key['kind']>('exact');
  const make = useDo('makeSealKey', () => setPassphrase(''));
  if (hash === undefined) return <Text size="sm">{texts.outsourced.noAgreement}</Text>;
  const submit = (): void => {
    make.mutate({ body: { agreement: hash, kind, passphrase } });
  };
  return (
    <Form label={words.make} sending={make} width={480} submit={submit}>
      {field}
      <Select
        label={words.columns.use}
        allowDeselect={false}
        value={kind}
        onChange={(chosen) => setKind(chosen === 'features' ? 'features' : 'exact')}
        data={(['exact', 'features'] as const).map((value) => ({ value, label: words.uses[value] }))}
      />
      <PasswordInput
        label={words.passphrase}
        description={words.passphraseHint}
        required
        autoComplete="new-password"
        value={passphrase}
        onChange={(event) => setPassphrase(event.currentTarget.value)}
      />
    </Form>
  );
}
