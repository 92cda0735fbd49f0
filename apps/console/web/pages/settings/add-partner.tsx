import { Button, Checkbox, Code, FileInput, Paper, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useDo } from '../../api/queries.ts';
import { Section } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { texts } from '../../texts/index.ts';

const words = texts.settings.partners;

/** Adds a partner by its card file, once its fingerprint was compared. */
export function AddPartner(): ReactNode {
  const [card, setCard] = useState<string>();
  const [compared, setCompared] = useState(false);
  const read = useDo('readPartnerCard');
  const add = useDo('addPartner', () => {
    setCard(undefined);
    setCompared(false);
    read.reset();
  });
  const choose = async (file: File | null): Promise<void> => {
    read.reset();
    add.reset();
    setCompared(false);
    const text = await file?.text();
    setCard(text);
    if (text !== undefined) read.mutate({ body: { card: text } });
  };
  return (
    <Section title={words.add}>
      <Text size="sm" c="dimmed">
        {words.addLead}
      </Text>
      <FileInput
        label={words.file}
        placeholder={words.choose}
        onChange={(file) => void choose(file)}
        accept=".json,application/json"
        maw={380}
      />
      <ProblemNote error={read.error} title={words.notCard} />
      {card === undefined || read.data === undefined ? null : (
        <Paper withBorder p="lg" maw={640}>
          <Stack gap="sm">
            <Text size="sm">{words.says}</Text>
            <Text fw={600}>
              {read.data.name} ({words.roles[read.data.role] ?? read.data.role}), {read.data.address}
            </Text>
            <Text size="sm">{words.compare}</Text>
            <Code fz="md">{read.data.fingerprint}</Code>
            <Checkbox
              label={words.compared}
              checked={compared}
              onChange={({ currentTarget }) => setCompared(currentTarget.checked)}
            />
            <ProblemNote error={add.error} />
            <Button
              w="fit-content"
              disabled={!compared}
              loading={add.isPending}
              onClick={() => add.mutate({ body: { card } })}
            >
              {words.submit}
            </Button>
          </Stack>
        </Paper>
      )}
      {add.data === undefined ? null : <Text role="status">{words.added(add.data.name)}</Text>}
    </Section>
  );
}
