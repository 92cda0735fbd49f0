import { Alert, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import type { Answer, Input } from '../../../api/operations.ts';
import type { Problem } from '../../../api/problem.ts';
import { useAsk } from '../../../api/queries.ts';
import { ProblemNote } from '../../../parts/problem.tsx';
import { texts } from '../../../texts/index.ts';
import { Explained } from '../explain/index.tsx';

const words = texts.studies.editor;
// The colour of an alert is too light for its title; it stands behind it.
const plainTitle = { label: { color: 'var(--mantine-color-text)' } };
type Asked = Input<'checkStudy'>['body']['asked'];
type Checked = UseQueryResult<Answer<'checkStudy'>, Problem>;

/** Whether it could be asked, once nothing has been written for a moment. What was found of the text before stays until then. */
export function useCheck(hash: string, asked: Asked | undefined): Checked {
  const text = JSON.stringify(asked ?? null);
  const [settled] = useDebouncedValue(text, 500);
  const question = useMemo(() => JSON.parse(settled) as Asked | null, [settled]);
  return useAsk(
    'checkStudy',
    { params: { hash }, body: { asked: question! } },
    { enabled: question !== null, staleTime: 60_000, placeholderData: (before) => before },
  );
}

/** Where in the SQL something stands against it: from, to, and what. */
export interface Fault {
  readonly from: number;
  readonly to: number;
  readonly message: string;
}

/** Places of what stands against a question, in its text. The server says where it begins, or which column is at fault. */
export function faultOf({ data }: Pick<Checked, 'data'>, sql: string): readonly Fault[] {
  const fault = data?.fault;
  if (fault === null || fault === undefined) return [];
  const { message } = fault;
  if (fault.place !== null) {
    const start = sql.length - sql.trimStart().length + fault.place;
    const length = /^(\w|\.)+|^\S/.exec(sql.slice(start))?.[0].length ?? 1;
    return [{ from: Math.min(start, sql.length), to: Math.min(start + length, sql.length), message }];
  }
  const column = /^\w+\.(\w+)$/.exec(fault.culprit ?? '')?.[1];
  if (column === undefined) return [];
  return [...sql.matchAll(new RegExp(`(?:\\w+\\.)?\\b${column}\\b`, 'gi'))].map(({ 0: found, index }) => ({
    from: index,
    to: index + found.length,
    message,
  }));
}

/** What came of the check: what would happen, or the rule that stands against it and what to do. */
export function Verdict({ check, empty }: { check: Checked; empty: boolean }): ReactNode {
  if (empty) return <Text c="dimmed">{words.empty}</Text>;
  if (check.error !== null) return <ProblemNote error={check.error} />;
  if (check.data === undefined) return <Text c="dimmed">{words.checking}</Text>;
  const { fault, explanation } = check.data;
  if (fault === null) {
    return (
      <Stack gap="sm">
        <Text fw={600} role="status">
          {words.fine}
        </Text>
        <Explained explanation={explanation!} agreement={undefined} />
      </Stack>
    );
  }
  const rule = words.rules[fault.code];
  const forbidden = fault.code === 'study-policy' || fault.code.startsWith('agreement-');
  return (
    <Alert
      color={forbidden ? 'red' : 'orange'}
      title={forbidden ? words.forbidden : words.problem}
      role="alert"
      styles={plainTitle}
    >
      <Stack gap={4}>
        {rule === undefined ? null : (
          <Text size="sm">
            <b>{words.rule}:</b> {rule}.
          </Text>
        )}
        <Text size="sm">{fault.message}</Text>
        <Text size="sm">
          <b>{texts.common.whatToDo}:</b> {fault.hint}
        </Text>
        <Text size="xs" c="dimmed">
          {texts.common.code(fault.code)}
        </Text>
      </Stack>
    </Alert>
  );
}
