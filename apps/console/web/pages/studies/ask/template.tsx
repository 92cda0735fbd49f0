import { Button, Select, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useLocation } from 'wouter';
import { useAsk, useDo } from '../../../api/queries.ts';
import { Asked } from '../../../parts/asked.tsx';
import { Page, Section } from '../../../parts/page.tsx';
import { ProblemNote } from '../../../parts/problem.tsx';
import { texts } from '../../../texts/index.ts';
import type { Agreement, Template } from '../agreed.ts';
import { Written } from '../written.tsx';
import { useCheck, Verdict } from './verdict.tsx';

const words = texts.studies.editor;
type Parameter = Template['parameters'][string];

/** A template of an agreement: its values are chosen, and it is asked with them. */
export function AskTemplate({ hash, name }: { hash: string; name: string }): ReactNode {
  const agreement = useAsk('getAgreement', { params: { hash } });
  return (
    <Page title={name} lead={words.lead}>
      <Asked query={agreement}>
        {(found) => {
          const template = found.agreement.studies?.templates?.find((one) => one.name === name);
          return template === undefined ? <Text>{words.none}</Text> : <Form agreement={found} template={template} />;
        }}
      </Asked>
    </Page>
  );
}

function Form({ agreement, template }: { agreement: Agreement; template: Template }): ReactNode {
  const [, go] = useLocation();
  const names = Object.keys(template.parameters);
  const [values, setValues] = useState<Record<string, string>>({});
  const complete = names.every((name) => (values[name] ?? '') !== '');
  const asked = { kind: 'template', template: template.name, values } as const;
  const check = useCheck(agreement.hash, complete ? asked : undefined);
  const ask = useDo('askStudy', ({ agreement: of, name }) => go(`/studies/${of}/${name}`));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    ask.mutate({ params: { hash: agreement.hash }, body: { asked } });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="xl">
        <Section title={words.parameters}>
          <Stack maw={420}>
            {names.map((name) => (
              <Value
                key={name}
                name={name}
                parameter={template.parameters[name]!}
                value={values[name] ?? ''}
                set={(value) => setValues({ ...values, [name]: value })}
              />
            ))}
          </Stack>
        </Section>
        <Section title={words.filled}>
          <Written text={template.text} />
        </Section>
        {complete ? <Verdict check={check} empty={false} /> : null}
        <Stack gap="xs" align="flex-start">
          <Text size="sm" c="dimmed">
            {words.submitWhat}
          </Text>
          <Button type="submit" disabled={!complete || check.data?.fault !== null} loading={ask.isPending}>
            {words.submit}
          </Button>
          <ProblemNote error={ask.error} />
        </Stack>
      </Stack>
    </form>
  );
}

function Value(props: { name: string; parameter: Parameter; value: string; set: (value: string) => void }): ReactNode {
  const { name, parameter, value, set } = props;
  const common = { label: name, required: true, value };
  const described = (range: string): string => [parameter.description, range].filter(Boolean).join('; ');
  if (parameter.type === 'text' || parameter.type === 'boolean') {
    const data =
      parameter.type === 'text'
        ? parameter.values.map(String)
        : [
            { value: 'true', label: texts.common.yes },
            { value: 'false', label: texts.common.no },
          ];
    return (
      <Select
        {...common}
        description={parameter.description}
        data={data}
        onChange={(chosen) => set(chosen ?? '')}
        value={value === '' ? null : value}
      />
    );
  }
  const range = parameter.type === 'number' ? words.numberRange : words.dateRange;
  return (
    <TextInput
      {...common}
      type={parameter.type === 'date' ? 'date' : 'text'}
      inputMode={parameter.type === 'number' ? 'decimal' : 'text'}
      description={described(range(parameter.min, parameter.max))}
      onChange={({ currentTarget }) => set(currentTarget.value)}
    />
  );
}
