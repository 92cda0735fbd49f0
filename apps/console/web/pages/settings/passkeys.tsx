import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { makePasskey } from '../../api/passkeys.ts';
import { Problem } from '../../api/problem.ts';
import { changed, useAsk, useDo } from '../../api/queries.ts';
import { Asked } from '../../parts/asked.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Section } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { Rows } from '../../parts/rows.tsx';
import { texts } from '../../texts/index.ts';

const words = texts.settings.passkeys;

/** One's own passkeys; another one; one less. */
export function Passkeys(): ReactNode {
  const ways = useAsk('listWaysIn', {});
  return (
    <Section title={words.title}>
      <Text size="sm" c="dimmed">
        {words.lead}
      </Text>
      <Asked query={ways}>
        {({ passkeys }) =>
          passkeys ? (
            <>
              <Present />
              <Another />
            </>
          ) : (
            <Text>{words.notHere}</Text>
          )
        }
      </Asked>
    </Section>
  );
}

function Present(): ReactNode {
  const passkeys = useAsk('listPasskeys', {});
  const remove = useDo('removePasskey');
  return (
    <Asked query={passkeys}>
      {(found) => (
        <>
          <Rows
            rows={found}
            keyOf={({ id }) => id}
            none={words.none}
            columns={[
              { title: words.name, cell: ({ name }) => name },
              { title: words.added, cell: ({ createdAt }) => <Moment at={createdAt} /> },
              { title: words.used, cell: ({ usedAt }) => (usedAt === null ? words.never : <Moment at={usedAt} />) },
              {
                title: '',
                cell: ({ id, name }) => (
                  <Button
                    variant="default"
                    size="xs"
                    aria-label={words.remove(name)}
                    onClick={() => remove.mutate({ params: { id } })}
                  >
                    {words.removeShort}
                  </Button>
                ),
              },
            ]}
          />
          <ProblemNote error={remove.error} />
        </>
      )}
    </Asked>
  );
}

function Another(): ReactNode {
  const [name, setName] = useState('');
  const [error, setError] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const make = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await makePasskey(name.trim());
      setName('');
      await changed();
    } catch (failure) {
      if (!(failure instanceof Problem)) throw failure;
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void make(event)}>
      <Stack gap="sm">
        <Group align="flex-end">
          <TextInput
            label={words.name}
            placeholder={words.nameHint}
            value={name}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
            required
          />
          <Button type="submit" variant="default" loading={busy}>
            {words.add}
          </Button>
        </Group>
        {error?.code === 'passkey-cancelled' ? (
          <Text role="alert" size="sm">
            {words.cancelled}
          </Text>
        ) : (
          <ProblemNote error={error} />
        )}
      </Stack>
    </form>
  );
}
