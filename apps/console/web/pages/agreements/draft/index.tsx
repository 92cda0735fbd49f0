import { Button, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useSession } from '../../../api/session.tsx';
import { Page } from '../../../parts/page.tsx';
import { NotFound } from '../../../shell/not-found.tsx';
import { texts } from '../../../texts/index.ts';
import { Describe } from './describe.tsx';
import { DraftLink } from './link.tsx';
import { DraftStudies } from './studies.tsx';
import { WriteText } from './text.tsx';

const words = texts.agreements.draft;

/** A new agreement of one kind; which, if it is not said. */
export function Draft({ kind }: { kind: string | undefined }): ReactNode {
  const { may } = useSession();
  if (!may('agreement.draft')) return <NotFound forbidden />;
  switch (kind) {
    case undefined:
      return <Choose />;
    case 'link':
      return <DraftLink />;
    case 'studies':
      return <DraftStudies />;
    case 'text':
      return <WriteText />;
    default:
      return <NotFound />;
  }
}

function Choose(): ReactNode {
  return (
    <Page title={words.title} lead={words.lead}>
      <SimpleGrid cols={{ base: 1, md: 3 }}>
        {(['link', 'studies', 'text'] as const).map((kind) => (
          <Paper key={kind} withBorder p="lg">
            <Stack h="100%" justify="space-between" align="flex-start">
              <Stack gap="xs">
                <Title order={2} fz={18}>
                  {words.kinds[kind].title}
                </Title>
                <Text>{words.kinds[kind].what}</Text>
              </Stack>
              <Button component={Link} href={`/agreements/new/${kind}`} variant="default">
                {words.kinds[kind].go}
              </Button>
            </Stack>
          </Paper>
        ))}
      </SimpleGrid>
      <Describe />
    </Page>
  );
}
