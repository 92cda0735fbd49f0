import { Group, MultiSelect, NumberInput, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Input } from '../../../api/operations.ts';
import { useNames } from '../../../parts/names.ts';
import { Section } from '../../../parts/page.tsx';
import { texts } from '../../../texts/index.ts';

const words = texts.agreements.draft.commerce;
type Body = Input<'draftStudies'>['body'];
type Price = NonNullable<Body['price']>;
const spans = ['perDay', 'perMonth', 'perTerm'] as const;
type Span = (typeof spans)[number];

/** Who pays what, and how many runs each may start. */
export interface Commerce {
  readonly payer: string | null;
  readonly currency: string;
  readonly perRun: string;
  readonly perMonth: string;
  readonly freeFor: string[];
  /** By the id of an organisation. */
  readonly quota: Readonly<Record<string, { readonly [Each in Span]?: number }>>;
}

/** What a form begins with: nothing is paid, and runs are limited by the agreement's own number alone. */
export const noCommerce: Commerce = {
  payer: null,
  currency: 'EUR',
  perRun: '',
  perMonth: '',
  freeFor: [],
  quota: {},
};

/** As agreements have it; nothing where nothing was said. @param parties both; what one pays, the other receives */
export function commerceOf(
  { payer, currency, perRun, perMonth, freeFor, quota }: Commerce,
  parties: readonly string[],
): Pick<Body, 'price' | 'quota'> {
  const receiver = parties.find((id) => id !== payer);
  const limits = Object.entries(quota).filter(([id, spent]) => parties.includes(id) && Object.keys(spent).length > 0);
  const price = {
    currency,
    ...(perRun === '' ? {} : { perRun }),
    ...(perMonth === '' ? {} : { perMonth }),
    paidBy: [payer],
    ...(freeFor.length === 0 ? {} : { freeFor }),
    split: { [receiver ?? '']: '100' },
  } as Price;
  return {
    ...(payer === null || receiver === undefined ? {} : { price }),
    ...(limits.length === 0 ? {} : { quota: Object.fromEntries(limits) }),
  };
}

/** Asks for price and quota; both may be left out. @param parties ids of both */
export function CommerceForm({
  commerce,
  change,
  parties,
}: {
  commerce: Commerce;
  change: (commerce: Commerce) => void;
  parties: readonly string[];
}): ReactNode {
  const nameOf = useNames();
  const { payer, quota } = commerce;
  const set = (changed: Partial<Commerce>): void => change({ ...commerce, ...changed });
  const limit = (id: string, span: Span, value: number | string): void => {
    const { [span]: _, ...others } = quota[id] ?? {};
    set({ quota: { ...quota, [id]: value === '' ? others : { ...others, [span]: Number(value) } } });
  };
  return (
    <Section title={words.title}>
      <Stack maw={900}>
        <Text size="sm">{words.quotaLead}</Text>
        {parties.map((id) => (
          <SimpleGrid key={id} cols={{ base: 1, sm: 3 }}>
            {spans.map((span) => (
              <NumberInput
                key={span}
                label={words.runs(nameOf(id), words.spans[span])}
                min={0}
                max={1_000_000}
                allowDecimal={false}
                value={quota[id]?.[span] ?? ''}
                onChange={(value) => limit(id, span, value)}
              />
            ))}
          </SimpleGrid>
        ))}
        <Select
          maw={420}
          label={words.payer}
          description={words.payerHint}
          placeholder={words.nobody}
          clearable
          clearButtonProps={{ 'aria-label': words.nobody }}
          data={parties.map((id) => ({ value: id, label: nameOf(id) }))}
          value={payer}
          onChange={(id) => set({ payer: id })}
        />
        {payer === null ? null : (
          <>
            <Group grow align="flex-start">
              <TextInput
                label={words.currency}
                description={words.currencyHint}
                required
                pattern="[A-Z]{3}"
                value={commerce.currency}
                onChange={(event) => set({ currency: event.currentTarget.value })}
              />
              <TextInput
                label={words.perRun}
                description={words.amountHint}
                inputMode="decimal"
                pattern="\d+(\.\d+)?"
                value={commerce.perRun}
                onChange={(event) => set({ perRun: event.currentTarget.value })}
              />
              <TextInput
                label={words.perMonth}
                description={words.amountHint}
                inputMode="decimal"
                pattern="\d+(\.\d+)?"
                value={commerce.perMonth}
                onChange={(event) => set({ perMonth: event.currentTarget.value })}
              />
            </Group>
            <MultiSelect
              label={words.freeFor}
              description={words.freeForHint}
              data={Object.entries(texts.purposes).map(([value, label]) => ({ value, label }))}
              value={commerce.freeFor}
              onChange={(freeFor) => set({ freeFor })}
            />
          </>
        )}
      </Stack>
    </Section>
  );
}
