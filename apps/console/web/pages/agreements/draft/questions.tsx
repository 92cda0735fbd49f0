import { Button, Fieldset, Group, MultiSelect, Stack, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { CodeArea } from '../../../parts/code-area.tsx';
import { texts } from '../../../texts/index.ts';

const words = texts.agreements.draft.studies;

/** A study that the draft lists. */
export interface Question {
  readonly name: string;
  readonly text: string;
  readonly to: string[];
}

/** A question that nobody has written. */
export const firstQuestion: Question = { name: 'first', text: '', to: [] };

/** The questions that the draft lists, each in full. @param parties ids of those who may learn an answer */
export function Questions({
  questions,
  change,
  parties,
}: {
  questions: readonly Question[];
  change: (questions: readonly Question[]) => void;
  parties: readonly string[];
}): ReactNode {
  return (
    <Stack maw={900} align="flex-start">
      {questions.map((question, i) => {
        const set = (changed: Partial<Question>): void => change(questions.with(i, { ...question, ...changed }));
        return (
          <Fieldset key={`question ${i}`} legend={words.question(i + 1)} w="100%">
            <Stack>
              <Group grow align="flex-start">
                <TextInput
                  label={words.name}
                  required
                  pattern="[a-z][a-z0-9_\-]*"
                  value={question.name}
                  onChange={(event) => set({ name: event.currentTarget.value })}
                />
                <MultiSelect
                  label={words.to}
                  required
                  data={[...parties]}
                  value={question.to}
                  onChange={(to) => set({ to })}
                />
              </Group>
              <CodeArea
                label={words.sql}
                description={words.sqlHint}
                required
                minRows={3}
                value={question.text}
                onChange={(event) => set({ text: event.currentTarget.value })}
              />
            </Stack>
          </Fieldset>
        );
      })}
      <Button
        size="xs"
        variant="default"
        leftSection={<IconPlus size={14} />}
        onClick={() => change([...questions, { ...firstQuestion, name: '' }])}
      >
        {words.add}
      </Button>
    </Stack>
  );
}
