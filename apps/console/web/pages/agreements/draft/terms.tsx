import { Group, MultiSelect, NumberInput, Select, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Input } from '../../../api/operations.ts';
import { useAll } from '../../../api/queries.ts';
import { Section } from '../../../parts/page.tsx';
import { texts } from '../../../texts/index.ts';
import { type Description, PartnerTable } from './partner-table.tsx';

const words = texts.agreements.draft;
const day = (offset: number): string => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

/** What drafts of links and of studies have in common. */
export interface Terms {
  readonly title: string;
  readonly partner: string | null;
  readonly keyService: string | null;
  readonly dataset: string | null;
  readonly theirs: Description | undefined;
  readonly maxRows: number;
  readonly maxRuns: number;
  readonly from: string;
  readonly until: string;
  readonly why: string;
  readonly uses: string[];
  readonly legalBasis: string[];
}

export const firstTerms = (): Terms => ({
  title: '',
  partner: null,
  keyService: null,
  dataset: null,
  theirs: undefined,
  maxRows: 100_000,
  maxRuns: 10,
  from: day(0),
  until: day(365),
  why: '',
  uses: ['HRESCH'],
  legalBasis: ['GDPR 6(1)(e)', 'GDPR 9(2)(j)'],
});

/** The purpose as agreements have it; nothing where nothing was said. */
export function purposeOf({ why, uses, legalBasis }: Terms): Pick<Input<'draftAgreement'>['body'], 'purpose'> {
  type Purpose = NonNullable<Input<'draftAgreement'>['body']['purpose']>;
  return why.trim() === '' ? {} : { purpose: { text: why.trim(), uses, legalBasis } as Purpose };
}

interface Shown {
  readonly terms: Terms;
  readonly set: (changed: Partial<Terms>) => void;
}

/** Title, partner, key service, and both data sets. */
export function WhoseData({ terms, set }: Shown): ReactNode {
  const partners = useAll('listPartners', {});
  const datasets = useAll('listDatasets', {});
  const known = partners.data?.items ?? [];
  const choose = (role: 'party' | 'keyservice') =>
    known.filter((one) => one.role === role).map(({ id, name }) => ({ value: id, label: name }));
  return (
    <Section title={words.data}>
      <Stack maw={720}>
        {partners.isSuccess && choose('party').length === 0 ? <Text>{words.noPartner}</Text> : null}
        {datasets.isSuccess && datasets.data.items.length === 0 ? <Text>{words.noData}</Text> : null}
        <TextInput
          label={words.name}
          required
          maxLength={120}
          value={terms.title}
          onChange={(event) => set({ title: event.currentTarget.value })}
        />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Select
            label={words.partner}
            required
            data={choose('party')}
            value={terms.partner}
            onChange={(partner) => set({ partner })}
          />
          <Select
            label={words.keyService}
            required
            data={choose('keyservice')}
            value={terms.keyService}
            onChange={(keyService) => set({ keyService })}
          />
        </SimpleGrid>
        <Select
          label={words.own}
          required
          data={(datasets.data?.items ?? []).map(({ name }) => name)}
          value={terms.dataset}
          onChange={(dataset) => set({ dataset })}
        />
        <PartnerTable described={terms.theirs} change={(theirs) => set({ theirs })} />
      </Stack>
    </Section>
  );
}

/** Rows, runs and days. */
export function Limits({ terms, set, children }: Shown & { children?: ReactNode }): ReactNode {
  return (
    <Section title={words.limits}>
      <SimpleGrid cols={{ base: 1, sm: 2 }} maw={720}>
        <NumberInput
          label={words.maxRows}
          min={1}
          thousandSeparator=","
          value={terms.maxRows}
          onChange={(value) => set({ maxRows: Number(value) })}
        />
        <NumberInput
          label={words.maxRuns}
          min={1}
          max={10_000}
          value={terms.maxRuns}
          onChange={(value) => set({ maxRuns: Number(value) })}
        />
        <TextInput
          type="date"
          label={words.from}
          value={terms.from}
          onChange={(event) => set({ from: event.currentTarget.value })}
        />
        <TextInput
          type="date"
          label={words.until}
          value={terms.until}
          onChange={(event) => set({ until: event.currentTarget.value })}
        />
        {children}
      </SimpleGrid>
    </Section>
  );
}

/** Why, and on which legal ground. */
export function Purpose({ terms, set }: Shown): ReactNode {
  return (
    <Section title={words.purpose}>
      <Stack maw={720}>
        <Textarea
          label={words.why}
          description={words.whyHint}
          autosize
          minRows={2}
          value={terms.why}
          onChange={(event) => set({ why: event.currentTarget.value })}
        />
        {terms.why.trim() === '' ? null : (
          <Group grow align="flex-start">
            <MultiSelect
              label={words.uses}
              value={terms.uses}
              onChange={(uses) => set({ uses })}
              data={Object.entries(texts.purposes).map(([value, label]) => ({ value, label }))}
            />
            <MultiSelect
              label={words.basis}
              value={terms.legalBasis}
              onChange={(legalBasis) => set({ legalBasis })}
              data={Object.entries(texts.legalBases).map(([value, label]) => ({ value, label: `${value}: ${label}` }))}
            />
          </Group>
        )}
      </Stack>
    </Section>
  );
}
