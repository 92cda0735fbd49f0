import { Alert, Button, FileButton, Group, List, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Answer } from '../../api/operations.ts';
import { useDo } from '../../api/queries.ts';
import { Facts } from '../../parts/facts.tsx';
import { useNames } from '../../parts/names.ts';
import { ProblemNote } from '../../parts/problem.tsx';
import { texts } from '../../texts/index.ts';
import { Came } from './month.tsx';

const words = texts.market.check;
type Verified = Answer<'verifyLicenceStatement'>;

/** Checks a statement that a partner has sent: its signature, its figures, and the runs against what is known here. */
export function CheckStatement(): ReactNode {
  const verify = useDo('verifyLicenceStatement');
  const [unreadable, setUnreadable] = useState(false);
  const take = (text: string): void => {
    verify.reset();
    const file = jsonOf(text);
    setUnreadable(file === undefined);
    if (file !== undefined) verify.mutate({ body: { file } });
  };
  return (
    <Stack maw={860}>
      <Text>{words.lead}</Text>
      <Group>
        <FileButton accept=".json,application/json" onChange={(file) => void file?.text().then(take)}>
          {(props) => (
            <Button {...props} loading={verify.isPending}>
              {words.choose}
            </Button>
          )}
        </FileButton>
      </Group>
      {unreadable ? <Alert color="red" title={words.unreadable} role="alert" /> : null}
      <ProblemNote error={verify.error} title={words.wrong} />
      {verify.data === undefined ? null : <Found verified={verify.data} />}
    </Stack>
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function Found({ verified: { statement, unknown, missing, proofs } }: { verified: Verified }): ReactNode {
  const nameOf = useNames();
  const differs = [...(unknown ?? []).map(words.unknown), ...(missing ?? []).map(words.missing)];
  const proven = proofs?.filter(({ entry }) => entry !== null).length ?? 0;
  return (
    <Stack role="status">
      <Text fw={600}>{words.right(nameOf(statement.issuer), statement.month)}</Text>
      <Came usage={statement} />
      <Facts
        facts={[
          [words.compared, unknown === null ? words.notCompared : differs.length === 0 ? words.same : words.differs],
          [words.proofs, proofs === null ? words.noKey : words.proven(proven, proofs.length)],
        ]}
      />
      {differs.length === 0 ? null : (
        <List size="sm">
          {differs.map((line) => (
            <List.Item key={line}>{line}</List.Item>
          ))}
        </List>
      )}
    </Stack>
  );
}
