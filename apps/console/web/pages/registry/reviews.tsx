import { Badge, Button, Card, Group, SegmentedControl, Stack, Text, Textarea, Title } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Answer } from '../../api/operations.ts';
import { useDo, useList } from '../../api/queries.ts';
import { Busy } from '../../parts/busy.tsx';
import { Moment } from '../../parts/moment.tsx';
import { More } from '../../parts/more.tsx';
import { Page } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { texts } from '../../texts/index.ts';

const words = texts.registry.reviews;
type Review = Answer<'listReviews'>['items'][number];
type Which = 'open' | 'all';

/** Accesses without the patient's card, and whether each was justified. */
export default function Reviews(): ReactNode {
  const [which, show] = useState<Which>('open');
  const reviews = useList('listReviews', { query: { all: which === 'all' ? 'true' : 'false' } });
  const items = reviews.items as readonly Review[];
  return (
    <Page title={words.title} lead={words.lead}>
      <SegmentedControl
        aria-label={texts.registry.alarms.show}
        w="fit-content"
        value={which}
        onChange={(value) => show(value as Which)}
        data={[
          { value: 'open', label: texts.registry.alarms.open },
          { value: 'all', label: texts.registry.alarms.all },
        ]}
      />
      <ProblemNote error={reviews.error} />
      {reviews.isPending ? (
        <Busy />
      ) : items.length === 0 ? (
        <Text>{which === 'open' ? words.none : words.noneAll}</Text>
      ) : (
        items.map((review) => <OneReview key={review.session} review={review} />)
      )}
      <More list={reviews} />
    </Page>
  );
}

function OneReview({ review }: { review: Review }): ReactNode {
  const { physician, institution, module, reason, groups, at, due, overdue, finding } = review;
  const title = words.by(physician.slice(0, 8), institution, module);
  return (
    <Card withBorder component="section" aria-label={title}>
      <Stack gap="sm">
        <Group>
          <Title order={2} fz={16}>
            {title}
          </Title>
          {overdue && finding === null ? (
            <Badge color="red" variant="outline" c="var(--mantine-color-text)" tt="none">
              {words.overdue}
            </Badge>
          ) : null}
        </Group>
        <Text size="sm" c="dimmed">
          {words.at} <Moment at={at} /> · {groups.length === 0 ? '' : `${words.groups}: ${groups.join(', ')} · `}
          {words.due} <Moment at={due} />
        </Text>
        <Text fw={600} size="sm">
          {words.reason}
        </Text>
        <Text>{reason}</Text>
        {finding === null ? (
          <Find session={review.session} />
        ) : (
          <>
            <Text size="sm">{words.found(words.findings[finding]!, review.reviewedBy ?? '')}</Text>
            <Text size="sm" c="dimmed">
              {review.note}
            </Text>
          </>
        )}
      </Stack>
    </Card>
  );
}

function Find({ session }: { session: string }): ReactNode {
  const [note, setNote] = useState('');
  const finish = useDo('finishReview');
  const find = (finding: 'justified' | 'abuse'): void =>
    finish.mutate({ params: { session }, body: { finding, note: note.trim() } });
  return (
    <Stack gap="sm" maw={640}>
      <Textarea
        label={words.note}
        required
        autosize
        minRows={2}
        maxLength={2000}
        value={note}
        onChange={({ currentTarget }) => setNote(currentTarget.value)}
      />
      <ProblemNote error={finish.error} />
      <Group>
        <Button disabled={note.trim() === ''} loading={finish.isPending} onClick={() => find('justified')}>
          {words.justified}
        </Button>
        <Button
          variant="default"
          disabled={note.trim() === ''}
          loading={finish.isPending}
          onClick={() => find('abuse')}
        >
          {words.abuse}
        </Button>
      </Group>
    </Stack>
  );
}
