import { Checkbox, Fieldset, MultiSelect, NumberInput, SimpleGrid, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Input } from '../../../api/operations.ts';
import { texts } from '../../../texts/index.ts';

const words = texts.agreements.draft.free;
type Terms = NonNullable<Input<'draftStudies'>['body']['studies']['free']>;

/** Within what questions may be asked that the draft does not list. */
export interface Free {
  readonly allowed: boolean;
  readonly by: string[];
  readonly to: string[];
  readonly methods: string[];
  readonly maxRuns: number;
}

/** What a form begins with. */
export const noFree: Free = {
  allowed: false,
  by: [],
  to: [],
  methods: ['select', 'describe', 'histogram'],
  maxRuns: 10,
};

/** Whether all is said that has to be. */
export function isWhole({ allowed, by, to, methods }: Free): boolean {
  return !allowed || (by.length > 0 && to.length > 0 && methods.length > 0);
}

/** As agreements have it, over both tables; nothing where it is not allowed. */
export function freeOf({ allowed, by, to, methods, maxRuns }: Free): { free?: Terms } {
  if (!allowed) return {};
  return { free: { by, tables: ['ours', 'theirs'], methods: methods as Terms['methods'], to, maxRuns } };
}

/** Asks whether further questions may be asked, and within what. @param parties ids of both */
export function FreeForm({
  free,
  change,
  parties,
}: {
  free: Free;
  change: (free: Free) => void;
  parties: readonly string[];
}): ReactNode {
  const set = (changed: Partial<Free>): void => change({ ...free, ...changed });
  return (
    <Stack maw={900}>
      <Checkbox
        label={words.allow}
        description={words.allowHint}
        checked={free.allowed}
        onChange={(event) => set({ allowed: event.currentTarget.checked })}
      />
      {free.allowed ? (
        <Fieldset legend={words.title}>
          <Stack>
            <Text size="sm">{words.risk}</Text>
            <SimpleGrid cols={{ base: 1, sm: 2 }}>
              <MultiSelect
                label={words.by}
                required
                data={[...parties]}
                value={free.by}
                onChange={(by) => set({ by })}
              />
              <MultiSelect
                label={words.to}
                required
                data={[...parties]}
                value={free.to}
                onChange={(to) => set({ to })}
              />
            </SimpleGrid>
            <MultiSelect
              label={words.methods}
              description={words.methodsHint}
              required
              data={Object.entries(texts.studies.editor.methods).map(([value, { title }]) => ({ value, label: title }))}
              value={free.methods}
              onChange={(methods) => set({ methods })}
            />
            <NumberInput
              maw={420}
              label={words.maxRuns}
              description={words.maxRunsHint}
              min={1}
              max={10_000}
              allowDecimal={false}
              value={free.maxRuns}
              onChange={(value) => set({ maxRuns: Number(value) })}
            />
          </Stack>
        </Fieldset>
      ) : null}
    </Stack>
  );
}
