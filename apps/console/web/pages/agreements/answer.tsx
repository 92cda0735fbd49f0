import {
  Button,
  Checkbox,
  Code,
  Group,
  NumberInput,
  SimpleGrid,
  Stack,
  Table,
  Textarea,
  TextInput,
} from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useLocation } from 'wouter';
import { useAsk, useDo } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { CodeArea } from '../../parts/code-area.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { NotFound } from '../../shell/not-found.tsx';
import { texts } from '../../texts/index.ts';
import { type Info, isProposed, nameOf, type Terms } from './of.ts';

const words = texts.agreements.answer;
const { draft } = texts.agreements;

/** A changed version of a proposal, as a draft that answers it. */
export function Answer({ hash }: { hash: string }): ReactNode {
  const asked = useAsk('getAgreement', { params: { hash } });
  const { may } = useSession();
  if (!may('agreement.draft')) return <NotFound forbidden />;
  return (
    <Page title={words.title} lead={words.lead}>
      <Asked query={asked}>{(info) => (isProposed(info) ? <Form info={info} /> : words.late)}</Asked>
    </Page>
  );
}

function Form({ info: { hash, agreement } }: { info: Info }): ReactNode {
  const [, go] = useLocation();
  const [next, setNext] = useState(agreement);
  const counter = useDo('counterAgreement', (answer) => go(`/agreements/${answer.hash}/changes`));
  const changes = changesOf(agreement, next);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    counter.mutate({ params: { hash }, body: { changes } });
  };
  const shown = { next, set: (changed: Partial<Terms>): void => setNext({ ...next, ...changed }) };
  return (
    <form onSubmit={submit}>
      <Stack gap="xl">
        <Common {...shown} />
        {next.link === undefined ? null : <LinkTerms {...shown} />}
        {next.studies === undefined ? null : <StudyTerms {...shown} before={agreement.studies!.list ?? []} />}
        {next.price === undefined && next.quota === undefined ? null : <Commerce {...shown} />}
        <ProblemNote error={counter.error} />
        <Group>
          <Button type="submit" disabled={Object.keys(changes).length === 0} loading={counter.isPending}>
            {draft.keep}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface Shown {
  readonly next: Terms;
  readonly set: (changed: Partial<Terms>) => void;
}

/** Sections that were changed: a merge patch (RFC 7396) of the proposal, as nothing is taken out of a section but items of lists. */
function changesOf(before: Terms, after: Terms): Partial<Terms> {
  const fields = Object.entries(after) as [keyof Terms, unknown][];
  return Object.fromEntries(fields.filter(([field, value]) => JSON.stringify(value) !== JSON.stringify(before[field])));
}

function Common({ next, set }: Shown): ReactNode {
  const { title, term, purpose } = next;
  return (
    <Section title={words.common}>
      <Stack maw={720}>
        <TextInput
          label={draft.name}
          required
          maxLength={120}
          value={title}
          onChange={({ currentTarget: { value } }) => set({ title: value })}
        />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          {(['from', 'until'] as const).map((end) => (
            <TextInput
              key={end}
              type="date"
              label={draft[end]}
              value={term[end]}
              onChange={({ currentTarget: { value } }) => set({ term: { ...term, [end]: value } })}
            />
          ))}
        </SimpleGrid>
        {purpose === undefined ? null : (
          <Textarea
            label={draft.why}
            autosize
            value={purpose.text}
            onChange={({ currentTarget: { value } }) => set({ purpose: { ...purpose, text: value } })}
          />
        )}
      </Stack>
    </Section>
  );
}

function LinkTerms({ next, set }: Shown): ReactNode {
  const link = next.link!;
  const tables = next.tables!;
  return (
    <Section title={texts.links.title}>
      <Stack maw={720}>
        <CodeArea
          label={draft.rule.sql}
          description={draft.rule.sqlHint}
          value={link.rule}
          onChange={({ currentTarget: { value } }) => set({ link: { ...link, rule: value } })}
        />
        <SimpleGrid cols={{ base: 1, sm: 3 }}>
          <Runs value={link.maxRuns} set={(maxRuns) => set({ link: { ...link, maxRuns } })} label={draft.maxRuns} />
          {(['a', 'b'] as const).map((side) => (
            <NumberInput
              key={side}
              label={words.rowsOf(tables[side].dataset)}
              min={1}
              thousandSeparator=","
              value={tables[side].maxRows}
              onChange={(value) => set({ tables: { ...tables, [side]: { ...tables[side], maxRows: Number(value) } } })}
            />
          ))}
        </SimpleGrid>
      </Stack>
    </Section>
  );
}

type StudyList = NonNullable<NonNullable<Terms['studies']>['list']>;

function StudyTerms({ next, set, before }: Shown & { before: StudyList }): ReactNode {
  const studies = next.studies!;
  const { free, list = [] } = studies;
  const change = (changed: Partial<typeof studies>): void => set({ studies: { ...studies, ...changed } });
  const isIn = (name: string): boolean => list.some((one) => one.name === name);
  return (
    <Section title={texts.studies.title}>
      <Stack maw={860}>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <NumberInput
            label={draft.minPatients}
            min={1}
            value={studies.minPatients}
            onChange={(value) => change({ minPatients: Number(value) })}
          />
          {free === undefined ? null : (
            <Runs value={free.maxRuns} set={(maxRuns) => change({ free: { ...free, maxRuns } })} label={words.free} />
          )}
        </SimpleGrid>
        {before.length === 0 ? null : (
          <Table aria-label={words.studies}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">{words.agreed}</Table.Th>
                <Table.Th scope="col">{words.question}</Table.Th>
                <Table.Th scope="col">{draft.maxRuns}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {before.map((study) => (
                <Table.Tr key={study.name}>
                  <Table.Td>
                    <Checkbox
                      label={study.name}
                      checked={isIn(study.name)}
                      onChange={({ currentTarget: { checked } }) =>
                        change({ list: before.filter(({ name }) => (name === study.name ? checked : isIn(name))) })
                      }
                    />
                  </Table.Td>
                  <Table.Td>
                    <Code style={{ whiteSpace: 'pre-wrap' }}>{study.text}</Code>
                  </Table.Td>
                  <Table.Td w={140}>
                    <Runs
                      value={(list.find(({ name }) => name === study.name) ?? study).maxRuns}
                      disabled={!isIn(study.name)}
                      set={(maxRuns) =>
                        change({ list: list.map((one) => (one.name === study.name ? { ...one, maxRuns } : one)) })
                      }
                      label={words.runsOf(study.name)}
                      hidden
                    />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Stack>
    </Section>
  );
}

/** What runs cost, and how many each may start. */
function Commerce({ next, set }: Shown): ReactNode {
  const { price, quota = {} } = next;
  return (
    <Section title={words.commerce}>
      <SimpleGrid cols={{ base: 1, sm: 2 }} maw={720}>
        {price === undefined
          ? null
          : (['perRun', 'perMonth'] as const)
              .filter((unit) => price[unit] !== undefined)
              .map((unit) => (
                <TextInput
                  key={unit}
                  label={words.costs[unit](price.currency)}
                  value={price[unit]!}
                  onChange={({ currentTarget: { value } }) => set({ price: { ...price, [unit]: value } })}
                />
              ))}
        {Object.entries(quota).flatMap(([id, limits]) =>
          (['perDay', 'perMonth', 'perTerm'] as const)
            .filter((span) => limits[span] !== undefined)
            .map((span) => (
              <NumberInput
                key={`${id} ${span}`}
                label={words.quota(nameOf(next, id), texts.market.licence.limits[span])}
                min={0}
                max={1_000_000}
                value={limits[span]!}
                onChange={(value) => set({ quota: { ...quota, [id]: { ...limits, [span]: Number(value) } } })}
              />
            )),
        )}
      </SimpleGrid>
    </Section>
  );
}

/** @param hidden the label is for screen readers alone */
function Runs({
  label,
  value,
  set,
  disabled = false,
  hidden = false,
}: {
  label: string;
  value: number;
  set: (runs: number) => void;
  disabled?: boolean;
  hidden?: boolean;
}): ReactNode {
  return (
    <NumberInput
      {...(hidden ? { 'aria-label': label } : { label })}
      min={1}
      max={10_000}
      disabled={disabled}
      value={value}
      onChange={(next) => set(Number(next))}
    />
  );
}
