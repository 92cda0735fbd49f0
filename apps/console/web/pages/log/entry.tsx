import { Anchor, Button, Paper, Stack, Table, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { type ReactNode, useEffect, useState } from 'react';
import { Link } from 'wouter';
import type { Answer } from '../../api/operations.ts';
import { useAsk } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { bytesOf } from '../../parts/base64url.ts';
import { download } from '../../parts/download.ts';
import { Hash } from '../../parts/hash.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { texts } from '../../texts/index.ts';
import { Erase } from './erase.tsx';
import { Outcome } from './outcome.tsx';
import { useSaid } from './said.ts';
import type { Told } from './verify/messages.ts';
import { useVerifier } from './verify/use-verifier.ts';

const words = texts.log.entry;
type Shown = Answer<'getLogEntry'>;

/** One entry: what it says, and its proof, verified here. */
export function Entry({ index }: { index: number }): ReactNode {
  const { may } = useSession();
  const entry = useAsk('getLogEntry', { params: { index } });
  const said = useSaid();
  const back = (
    <Button component={Link} href="/log" variant="default">
      {words.back}
    </Button>
  );
  return (
    <Page title={words.title(index)} actions={back}>
      <Asked query={entry}>
        {(shown) => (
          <Stack gap="xl">
            <Paper withBorder p="lg">
              <Text size="lg">{said({ event: shown.event, document: documentIn(shown), erased: true })}</Text>
            </Paper>
            {shown.event === null ? null : (
              <>
                <Fields entry={shown} />
                {may('log.export') ? <Proof key={index} index={index} /> : null}
                {may('log.erase') ? <Erase index={index} /> : null}
              </>
            )}
          </Stack>
        )}
      </Asked>
    </Page>
  );
}

function Fields({ entry }: { entry: Shown }): ReactNode {
  const fields = Object.entries({ ...entry.event, ...documentIn(entry) }).filter(([name]) => name !== 'statement');
  return (
    <Section title={words.says}>
      <Table.ScrollContainer minWidth={400}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col" w={180}>
                {words.field}
              </Table.Th>
              <Table.Th scope="col">{words.value}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {fields.map(([name, value]) => (
              <Table.Tr key={name}>
                <Table.Th scope="row" fw={400}>
                  {texts.log.spaced(name)}
                </Table.Th>
                <Table.Td>
                  <Value name={name} value={value} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Section>
  );
}

function Value({ name, value }: { name: string; value: unknown }): ReactNode {
  if (value === null) return texts.common.none;
  if (name === 'agreement' && typeof value === 'string') {
    return (
      <Anchor component={Link} href={`/agreements/${value}`}>
        {value.slice(0, 10)}
      </Anchor>
    );
  }
  if (Array.isArray(value)) return value.map((one) => (typeof one === 'object' ? '…' : String(one))).join(', ');
  if (typeof value === 'object') {
    return Object.entries(value).map(([field, inner]) => (
      <div key={field}>
        {texts.log.spaced(field)}: <Value name={field} value={inner} />
      </div>
    ));
  }
  const text = String(value);
  return /^[A-Za-z0-9_-]{22,}$/.test(text) ? <Hash value={text} what={name} /> : text;
}

/** What a signed statement in an event says. */
function documentIn({ event }: Shown): Record<string, unknown> | null {
  const { payload } = (event?.statement ?? event?.notice ?? {}) as { payload?: unknown };
  if (typeof payload !== 'string') return null;
  const {
    kind: _,
    version: __,
    ...said
  } = JSON.parse(new TextDecoder().decode(bytesOf(payload))) as Record<string, unknown>;
  return said;
}

type Proven = Extract<Told, { told: 'proof' }>;

function Proof({ index }: { index: number }): ReactNode {
  const [proven, setProven] = useState<Proven>();
  const { ask, error } = useVerifier((told) => {
    if (told.told === 'proof') setProven(told);
  });
  useEffect(() => ask({ do: 'proof', index }), [index]);
  return (
    <Section title={words.proof}>
      <Text size="sm" c="dimmed" maw={720}>
        {words.proofLead}
      </Text>
      <ProblemNote error={error} />
      {proven === undefined ? null : (
        <>
          <Verdict proven={proven} />
          <Button
            variant="default"
            w="fit-content"
            leftSection={<IconDownload size={16} />}
            onClick={() => download(`entry-${index}.tlog-proof`, proven.text)}
          >
            {words.save}
          </Button>
        </>
      )}
    </Section>
  );
}

function Verdict({ proven: { verdict } }: { proven: Proven }): ReactNode {
  if (!verdict.ok) {
    return (
      <Outcome ok={false} title={words.notProven}>
        {verdict.faults.join('. ')}
      </Outcome>
    );
  }
  return <Outcome ok title={words.proven(verdict.index, verdict.size)} />;
}
