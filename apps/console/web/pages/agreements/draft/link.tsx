import { Button, Code, Group, Select, SimpleGrid, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useLocation } from 'wouter';
import type { Input } from '../../../api/operations.ts';
import { useAsk, useDo } from '../../../api/queries.ts';
import { CodeArea } from '../../../parts/code-area.tsx';
import { Page, Section } from '../../../parts/page.tsx';
import { ProblemNote } from '../../../parts/problem.tsx';
import { texts } from '../../../texts/index.ts';
import { BlockingForm } from './blocking.tsx';
import { CommerceForm, commerceOf, noCommerce } from './commerce.tsx';
import { type Blocking, blockingOf, isWhole, noBlocking } from './keys.ts';
import { sqlOf, type Ways } from './rule.ts';
import { blank, RuleBuilder } from './rule-builder.tsx';
import { firstTerms, Limits, Purpose, purposeOf, type Terms, WhoseData } from './terms.tsx';

const words = texts.agreements.draft;
type Body = Input<'draftAgreement'>['body'];
type Result = Required<Pick<Body, 'reveal' | 'learn'>>;

/** A link, drafted step by step; the rule is checked while it is made. */
export function DraftLink(): ReactNode {
  const [, go] = useLocation();
  const [terms, setTerms] = useState(firstTerms);
  const [rule, setRule] = useState<string>();
  const [result, setResult] = useState<Result>({ reveal: 'pairs', learn: 'both' });
  const [blocking, setBlocking] = useState(noBlocking);
  const [commerce, setCommerce] = useState(noCommerce);
  const self = useAsk('getStatus', {}).data?.id;
  const parties = [self, terms.partner].filter((id) => id != null);
  const keep = useDo('draftAgreement', ({ hash }) => go(`/agreements/${hash}`));
  const set = (changed: Partial<Terms>): void => {
    setTerms((all) => ({ ...all, ...changed }));
    // Keys name columns of the tables that were chosen before.
    if ('dataset' in changed || 'theirs' in changed) setBlocking(noBlocking);
  };
  const linked = bodyOf(terms, rule, result, blocking);
  const body = linked && { ...linked, ...commerceOf(commerce, parties) };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (body !== undefined) keep.mutate({ body });
  };
  return (
    <Page title={words.linkTitle} lead={words.lead}>
      <form onSubmit={submit}>
        <Stack gap="xl">
          <WhoseData terms={terms} set={set} />
          {terms.dataset === null || terms.theirs === undefined ? null : (
            <Section title={words.rule.title}>
              <Stack maw={900}>
                <Rule dataset={terms.dataset} theirs={terms.theirs.columns} change={setRule} />
              </Stack>
            </Section>
          )}
          {terms.dataset === null || terms.theirs === undefined ? null : (
            <BlockingForm
              dataset={terms.dataset}
              theirs={terms.theirs.columns}
              blocking={blocking}
              change={setBlocking}
            />
          )}
          {linked === undefined ? null : (
            <Section title={words.check}>
              <Stack maw={900}>
                <Check body={linked} />
              </Stack>
            </Section>
          )}
          <Learnt result={result} set={setResult} />
          <Limits terms={terms} set={set} />
          <CommerceForm commerce={commerce} change={setCommerce} parties={parties} />
          <Purpose terms={terms} set={set} />
          <ProblemNote error={keep.error} />
          <Group>
            <Button type="submit" disabled={body === undefined || terms.title.trim() === ''} loading={keep.isPending}>
              {words.keep}
            </Button>
          </Group>
        </Stack>
      </form>
    </Page>
  );
}

/** What the server is asked for; undefined while something is missing. */
function bodyOf(terms: Terms, rule: string | undefined, result: Result, blocking: Blocking): Body | undefined {
  const { title, partner, keyService, dataset, theirs, maxRows, maxRuns, from, until } = terms;
  if (partner === null || keyService === null || dataset === null || theirs === undefined) return undefined;
  if (rule === undefined || rule.trim() === '' || !isWhole(blocking)) return undefined;
  return {
    title: title.trim() || words.linkTitle,
    as: 'a',
    partner,
    keyService,
    dataset,
    partnerDataset: { name: theirs.name, columns: theirs.columns },
    rule,
    ...blockingOf(blocking),
    ...result,
    ...purposeOf(terms),
    maxRows,
    maxRuns,
    term: { from, until },
  };
}

function Rule({
  dataset,
  theirs,
  change,
}: {
  dataset: string;
  theirs: NonNullable<Terms['theirs']>['columns'];
  change: (rule: string | undefined) => void;
}): ReactNode {
  const own = useAsk('describeDataset', { params: { name: dataset } });
  const [ways, setWays] = useState<Ways>([[blank]]);
  const [written, setWritten] = useState<string>();
  if (own.data === undefined) return null;
  const build = (next: Ways): void => {
    setWays(next);
    change(sqlOf(next));
  };
  const write = (text: string | undefined): void => {
    setWritten(text);
    change(text ?? sqlOf(ways));
  };
  return (
    <>
      {written === undefined ? (
        <RuleBuilder ways={ways} change={build} own={own.data.columns as typeof theirs} theirs={theirs} />
      ) : (
        <CodeArea
          label={words.rule.sql}
          description={words.rule.sqlHint}
          minRows={3}
          value={written}
          onChange={(event) => write(event.currentTarget.value)}
        />
      )}
      <Group>
        <Button
          variant="subtle"
          size="xs"
          onClick={() => write(written === undefined ? (sqlOf(ways) ?? '') : undefined)}
        >
          {written === undefined ? words.rule.write : words.rule.build}
        </Button>
      </Group>
    </>
  );
}

/** What the server says of the link as it stands in the form. */
function Check({ body }: { body: Body }): ReactNode {
  const [asked] = useDebouncedValue(body, 400);
  const { rule, blocking, reveal, learn, partner, partnerDataset, dataset, keyService, maxRows, maxRuns, term, as } =
    asked;
  const preview = useAsk('previewAgreement', {
    body: {
      ...{ title: words.linkTitle, as, rule, partner, partnerDataset, dataset, keyService, maxRows, maxRuns, term },
      ...(blocking === undefined ? {} : { blocking }),
      ...{ reveal: reveal!, learn: learn! },
    },
  });
  if (preview.error !== null) return <ProblemNote error={preview.error} title={words.rule.wrong} />;
  if (preview.data === undefined) return <Text size="sm">{words.rule.checking}</Text>;
  return (
    <Stack gap="xs" role="status">
      <Text fw={600}>{words.rule.fine}</Text>
      <Code block>{asked.rule}</Code>
      {preview.data.rule
        .filter((line) => !line.startsWith('  ') && !line.startsWith('Rule:') && !line.endsWith(':'))
        .map((line) => (
          <Text key={line} size="sm">
            {line}
          </Text>
        ))}
      <Text size="sm">{preview.data.learned}.</Text>
    </Stack>
  );
}

function Learnt({ result, set }: { result: Result; set: (result: Result) => void }): ReactNode {
  return (
    <Section title={words.result}>
      <SimpleGrid cols={{ base: 1, sm: 2 }} maw={720}>
        <Select
          label={words.reveal}
          allowDeselect={false}
          value={result.reveal}
          onChange={(reveal) => set({ ...result, reveal: reveal as Result['reveal'] })}
          data={Object.entries(words.reveals).map(([value, label]) => ({ value, label }))}
        />
        <Select
          label={words.to}
          allowDeselect={false}
          value={result.learn}
          onChange={(learn) => set({ ...result, learn: learn as Result['learn'] })}
          data={Object.entries(words.tos).map(([value, label]) => ({ value, label }))}
        />
      </SimpleGrid>
    </Section>
  );
}
