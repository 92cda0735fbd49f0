import { Anchor, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useAll, useAsk } from '../../../api/queries.ts';
import { Asked } from '../../../parts/asked.tsx';
import { Page, Section } from '../../../parts/page.tsx';
import { texts } from '../../../texts/index.ts';
import { Explained } from '../explain/index.tsx';
import { Runs } from '../runs.tsx';
import { Written } from '../written.tsx';
import { Next } from './next.tsx';

const words = texts.studies;

/** One study: what it asks, what would happen, who approved it, its runs. */
export function StudyPage({ hash, name }: { hash: string; name: string }): ReactNode {
  const study = useAsk('getStudy', { params: { hash, study: name } });
  const agreement = useAsk('getAgreement', { params: { hash } });
  const explanation = useAsk('explainStudy', { params: { hash, study: name } });
  const runs = useAll('listStudyRuns', {});
  const own = runs.data?.items.filter((run) => run.agreement === study.data?.agreement && run.study === name) ?? [];
  return (
    <Page title={name}>
      <Asked query={study}>
        {(found) => (
          <Stack gap="xl">
            <Text>
              {words.agreement}:{' '}
              <Anchor component={Link} underline="always" href={`/agreements/${found.agreement}`}>
                {found.title}
              </Anchor>
            </Text>
            <Section title={words.next.title}>
              <Asked query={agreement}>{(terms) => <Next study={found} agreement={terms} runs={own} />}</Asked>
            </Section>
            <Section title={words.question}>
              <Written text={found.text} />
            </Section>
            <Section title={words.explain.title}>
              <Asked query={explanation}>
                {(explained) => <Explained explanation={explained} agreement={agreement.data} />}
              </Asked>
            </Section>
            <Section title={words.runs}>
              <Runs runs={[...own].reverse()} study />
            </Section>
          </Stack>
        )}
      </Asked>
    </Page>
  );
}
