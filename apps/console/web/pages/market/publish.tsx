import { Button, Checkbox, Group, MultiSelect, NumberInput, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useLocation } from 'wouter';
import type { Answer } from '../../api/operations.ts';
import { useAll, useDo } from '../../api/queries.ts';
import { Asked } from '../../parts/asked.tsx';
import { Page } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { texts } from '../../texts/index.ts';
import { ColumnsForm, type ColumnTerms, columnsOf, firstTerms } from './publish-columns.tsx';

const words = texts.market.publish;
const methods = ['select', 'describe', 'histogram', 'crosstab', 'risk', 't-test', 'correlation', 'before-after'];

/** Writes an entry of the catalogue. */
export function Publish(): ReactNode {
  const datasets = useAll('listDatasets', {});
  const [name, setName] = useState<string | null>(null);
  return (
    <Page title={words.title} lead={words.lead}>
      <Asked query={datasets}>
        {({ items }) => {
          const chosen = items.find((dataset) => dataset.name === name);
          return (
            <Stack maw={860}>
              <Select
                label={words.dataset}
                maw={360}
                required
                value={name}
                onChange={setName}
                data={items.map((dataset) => dataset.name)}
              />
              {chosen === undefined ? null : <Form key={chosen.name} dataset={chosen} />}
            </Stack>
          );
        }}
      </Asked>
    </Page>
  );
}

function Form({ dataset }: { dataset: Answer<'getDataset'> }): ReactNode {
  const [, go] = useLocation();
  const [title, setTitle] = useState('');
  const [description, setDescription] = useState('');
  const [columns, setColumns] = useState<ColumnTerms[]>(() => firstTerms(dataset.columns));
  const [patient, setPatient] = useState<string | null>(columns[0]?.name ?? null);
  const [onePerPatient, setOnePerPatient] = useState(true);
  const [minPatients, setMinPatients] = useState(10);
  const [allowed, setAllowed] = useState(['select', 'describe']);
  const [purposes, setPurposes] = useState(['HRESCH']);
  const [perRun, setPerRun] = useState('');
  const [perMonth, setPerMonth] = useState<number | ''>('');
  const publish = useDo('publishOffer', () => go('/market/catalogue'));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const offer = {
      name: dataset.name,
      title,
      description,
      patient,
      ...(onePerPatient ? { onePerPatient } : {}),
      columns: columnsOf(columns, patient),
      methods: allowed,
      minPatients,
      purposes,
      ...(perRun === '' ? {} : { price: { currency: 'EUR', perRun } }),
      ...(perMonth === '' ? {} : { quota: { perMonth } }),
    };
    publish.mutate({ body: { offer } });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label={words.name}
          required
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <Textarea
          label={words.description}
          required
          autosize
          minRows={2}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <ColumnsForm columns={columns} change={setColumns} />
        <Group align="flex-end">
          <Select
            label={words.patient}
            value={patient}
            onChange={setPatient}
            data={columns.map((column) => column.name)}
          />
          <Checkbox
            label={words.onePerPatient}
            pb={8}
            checked={onePerPatient}
            onChange={(event) => setOnePerPatient(event.currentTarget.checked)}
          />
        </Group>
        <MultiSelect label={words.methods} data={methods} value={allowed} onChange={setAllowed} />
        <MultiSelect
          label={words.purposes}
          value={purposes}
          onChange={setPurposes}
          data={Object.entries(texts.purposes).map(([value, label]) => ({ value, label }))}
        />
        <Group grow>
          <NumberInput
            label={words.minPatients}
            min={1}
            value={minPatients}
            onChange={(value) => setMinPatients(Number(value))}
          />
          <TextInput
            label={words.perRun}
            inputMode="decimal"
            value={perRun}
            onChange={(event) => setPerRun(event.currentTarget.value)}
          />
          <NumberInput
            label={words.perMonthQuota}
            min={1}
            value={perMonth}
            onChange={(value) => setPerMonth(value === '' ? '' : Number(value))}
          />
        </Group>
        <ProblemNote error={publish.error} />
        <Group>
          <Button type="submit" loading={publish.isPending}>
            {words.submit}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
