import { Anchor, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useAll, useAsk } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Busy } from '../../parts/busy.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Section } from '../../parts/page.tsx';
import { State } from '../../parts/state.tsx';
import { texts } from '../../texts/index.ts';

const words = texts.home.ran;
const shown = 8;

interface Run {
  readonly href: string;
  readonly label: string;
  readonly agreement: string;
  readonly startedAt: string;
  readonly state: string;
}

/** Links, studies and questions to encrypted tables, the newest first. */
export function Ran(): ReactNode {
  const runs = useRuns();
  return (
    <Section title={words.title}>
      {runs === undefined ? (
        <Busy />
      ) : runs.length === 0 ? (
        <Text c="dimmed">{words.none}</Text>
      ) : (
        <Stack gap="sm">
          {runs.slice(0, shown).map((run) => (
            <OneRun key={run.href} run={run} />
          ))}
        </Stack>
      )}
    </Section>
  );
}

/** Undefined until they are known. */
function useRuns(): Run[] | undefined {
  const { may } = useSession();
  const newest = { query: { order: 'newest', limit: shown } } as const;
  const asked = [
    [useAsk('listLinkRuns', newest, { enabled: may('link.list') }), '/links/runs', () => words.link],
    [useAsk('listStudyRuns', newest, { enabled: may('study.list') }), '/studies/runs', words.study],
    [useAsk('listSealedRuns', newest, { enabled: may('seal.list') }), '/outsourced/runs', () => words.sealed],
  ] as const;
  if (asked.some(([{ data, isEnabled, error }]) => isEnabled && data === undefined && error === null)) return undefined;
  return asked
    .flatMap(([{ data }, path, labelOf]) =>
      (data?.items ?? []).map((run) => ({
        href: `${path}/${run.id}`,
        label: labelOf('study' in run ? run.study : ''),
        agreement: run.agreement,
        startedAt: run.startedAt,
        state: run.state,
      })),
    )
    .toSorted((a, b) => b.startedAt.localeCompare(a.startedAt));
}

function OneRun({ run: { href, label, agreement, startedAt, state } }: { run: Run }): ReactNode {
  const agreements = useAll('listAgreements', {});
  const title = agreements.data?.items.find(({ hash }) => hash === agreement)?.title;
  return (
    <Group justify="space-between" wrap="nowrap" align="flex-start">
      <div>
        <Anchor component={Link} href={href} fw={600}>
          {label}
        </Anchor>
        <Text size="sm" c="dimmed">
          {title === undefined ? '' : `${words.see(title)}, `}
          <Moment at={startedAt} />
        </Text>
      </div>
      <div style={{ flexShrink: 0 }}>
        <State state={state} />
      </div>
    </Group>
  );
}
