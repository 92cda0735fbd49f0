import { Button, FileInput, Group, Paper, Progress, Stack, Text } from '@mantine/core';
import { IconDownload, IconShieldCheck } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { download } from '../../../parts/download.ts';
import { ProblemNote } from '../../../parts/problem.tsx';
import { texts } from '../../../texts/index.ts';
import { happened } from '../../../tour/happened.ts';
import { Finding } from './finding.tsx';
import type { Found, Told } from './messages.ts';
import { useVerifier } from './use-verifier.ts';

const words = texts.log.verify;
type Going = Extract<Told, { told: 'fetching' | 'verifying' }>;

/** Verifies a copy of the whole log in this browser, as it came and tampered with. */
export function Verify(): ReactNode {
  const [going, setGoing] = useState<Going>();
  const [found, setFound] = useState<Found>();
  const [trusted, setTrusted] = useState<string>();
  const { ask, busy, error } = useVerifier((told) => {
    if (told.told === 'fetching' || told.told === 'verifying') return setGoing(told);
    if (told.told === 'archive') return download('log.tar', told.archive);
    if (told.told !== 'found') return;
    setFound(told.found);
    const { ok, tampered } = told.found;
    if (ok && tampered === undefined) happened('log-verified');
    if (!ok && tampered !== undefined) happened('tampering-found');
  });
  return (
    <Stack gap="lg" maw={860}>
      <Text>{words.lead}</Text>
      <Group>
        <Button
          leftSection={<IconShieldCheck size={18} />}
          loading={busy}
          onClick={() => ask({ do: 'verify', trusted })}
          size="md"
        >
          {found === undefined ? words.start : words.again}
        </Button>
        {busy && going !== undefined ? <Way going={going} /> : null}
      </Group>
      <ProblemNote error={error} title={words.unsound} />
      {found === undefined || busy ? null : (
        <>
          <Finding found={found} ownKeys={trusted !== undefined} />
          <Next busy={busy} tamper={() => ask({ do: 'tamper', trusted })} save={() => ask({ do: 'archive' })} />
        </>
      )}
      <FileInput
        label={words.keys}
        placeholder={words.chooseFile}
        description={words.keysLead}
        clearable
        clearButtonProps={{ 'aria-label': texts.common.cancel }}
        onChange={(file) => void (file?.text() ?? Promise.resolve(undefined)).then(setTrusted)}
        maw={560}
      />
    </Stack>
  );
}

function Way({ going: { told, done, of } }: { going: Going }): ReactNode {
  const label = words[told];
  return (
    <Stack gap={4} w={260} role="status">
      <Text size="sm">{label}</Text>
      <Progress value={of === 0 ? 0 : (100 * done) / of} aria-label={label} />
    </Stack>
  );
}

function Next({ busy, tamper, save }: { busy: boolean; tamper: () => void; save: () => void }): ReactNode {
  return (
    <Group align="stretch" grow preventGrowOverflow={false}>
      <Paper withBorder p="lg">
        <Stack gap="sm">
          <Text size="sm">{words.tamperLead}</Text>
          <Button
            variant="outline"
            color="red"
            c="var(--mantine-color-text)"
            disabled={busy}
            onClick={tamper}
            w="fit-content"
          >
            {words.tamper}
          </Button>
        </Stack>
      </Paper>
      <Paper withBorder p="lg">
        <Stack gap="sm">
          <Text size="sm">{words.downloadLead}</Text>
          <Button
            variant="default"
            disabled={busy}
            onClick={save}
            w="fit-content"
            leftSection={<IconDownload size={16} />}
          >
            {words.download}
          </Button>
        </Stack>
      </Paper>
    </Group>
  );
}
