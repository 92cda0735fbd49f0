import { Button, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useDo } from '../../api/queries.ts';
import { Section } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { texts } from '../../texts/index.ts';

const words = texts.log.entry;

/** Asks that what an entry says be erased; the second person's word does it. */
export function Erase({ index }: { index: number }): ReactNode {
  const [reason, setReason] = useState('');
  const erase = useDo('eraseLogEntry');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    erase.mutate({ params: { index }, body: { reason } });
  };
  return (
    <Section title={words.erasable}>
      <Text size="sm" c="dimmed" maw={720}>
        {words.eraseLead}
      </Text>
      <form onSubmit={submit}>
        <Stack gap="sm" maw={560}>
          <TextInput
            label={words.eraseReason}
            value={reason}
            onChange={({ currentTarget }) => setReason(currentTarget.value)}
            required
          />
          <ProblemNote error={erase.error} />
          {erase.data === undefined ? null : (
            <Text role="status">
              {erase.data.erased ? words.eraseDone : words.eraseAsked(erase.data.askedBy.join(', '))}
            </Text>
          )}
          <Button
            type="submit"
            color="red"
            variant="outline"
            c="var(--mantine-color-text)"
            w="fit-content"
            loading={erase.isPending}
          >
            {words.erase}
          </Button>
        </Stack>
      </form>
    </Section>
  );
}
