import { Button, Stack, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { call } from '../../api/call.ts';
import type { Answer } from '../../api/operations.ts';
import { Problem } from '../../api/problem.ts';
import { useSession } from '../../api/session.tsx';
import { quoted } from '../../parts/csv.ts';
import { download } from '../../parts/download.ts';
import { Section } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { texts } from '../../texts/index.ts';

const words = texts.outsourced.scores;
const { recomputed: recomputedWords, seconds: secondsWords } = texts.outsourced.runs;

/** What a run that gave scores says of itself; the scores, for who may see rows. */
export function Scores({
  run,
  scored: { scores, recomputed, seconds },
}: {
  run: number;
  scored: NonNullable<Answer<'getSealedScored'>['scored']>;
}): ReactNode {
  const { may } = useSession();
  return (
    <Section title={words.title}>
      <Stack align="flex-start">
        <Text>{words.count(scores)}</Text>
        <Text size="sm">{words.eyesOnly}</Text>
        <Text size="sm">{recomputedWords[recomputed]}</Text>
        <Text size="sm" c="dimmed">
          {secondsWords(seconds.evaluate, seconds.open)}
        </Text>
        {may('seal.scores') ? <Save run={run} /> : null}
      </Stack>
    </Section>
  );
}

function Save({ run }: { run: number }): ReactNode {
  const [error, setError] = useState<Problem>();
  const [saving, setSaving] = useState(false);
  const save = async (): Promise<void> => {
    setSaving(true);
    setError(undefined);
    try {
      const lines = ['patient,score'];
      for (let part = 0, parts = 1; part < parts; part++) {
        const found = await call('getSealedScores', { params: { run }, query: { part } });
        ({ parts } = found);
        for (const [i, patient] of found.patients.entries()) lines.push(`${quoted(patient)},${found.scores[i]}`);
      }
      download(`scores-${run}.csv`, `${lines.join('\n')}\n`, 'text/csv');
    } catch (failure) {
      setError(failure instanceof Problem ? failure : new Problem('offline', ''));
    }
    setSaving(false);
  };
  return (
    <>
      <ProblemNote error={error} />
      <Button variant="default" leftSection={<IconDownload size={16} />} loading={saving} onClick={() => void save()}>
        {words.save}
      </Button>
    </>
  );
}
