import { Accordion, List, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { texts } from '../../../texts/index.ts';
import type { Agreement, Explanation } from '../agreed.ts';
import { Picture } from './picture.tsx';
import { type Said, sketchOf } from './words.ts';

const words = texts.studies.explain;

/** What a study would do: a picture of who sends what to whom, what it costs, and the same in words. */
export function Explained({
  explanation,
  agreement,
}: {
  explanation: Explanation;
  agreement: Pick<Agreement, 'agreement'> | undefined;
}): ReactNode {
  const sketch = sketchOf(explanation);
  const { units, atMost } = explanation;
  const seconds = units.reduce((sum, unit) => sum + unit.seconds, 0);
  const rounds = units.reduce((sum, unit) => sum + unit.rounds, 0);
  return (
    <Stack gap="md">
      <Picture explanation={explanation} sketch={sketch} agreement={agreement} />
      <div>
        {units.length === 0 ? null : (
          <Text size="sm">
            {words.cost(seconds < 1 ? words.under : words.secondsWord(Math.ceil(seconds)), rounds.toLocaleString('en'))}
          </Text>
        )}
        {atMost.length === 0 ? null : (
          <Text size="sm" c="dimmed">
            {words.unknownSizes(atMost.join(', '))}
          </Text>
        )}
      </div>
      <Accordion variant="contained">
        <Accordion.Item value="words">
          <Accordion.Control>{words.inWords}</Accordion.Control>
          <Accordion.Panel>
            <Outline said={sketch.all} />
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
    </Stack>
  );
}

/** Sentences with their lists. */
export function Outline({ said }: { said: readonly Said[] }): ReactNode {
  return (
    <Stack gap="xs">
      {said.map(({ text, items }) => (
        <div key={text}>
          <Text size="sm">{text}</Text>
          {items.length === 0 ? null : (
            <List size="sm" spacing={2} withPadding>
              {items.map((item) => (
                <List.Item key={item}>{item}</List.Item>
              ))}
            </List>
          )}
        </div>
      ))}
    </Stack>
  );
}
