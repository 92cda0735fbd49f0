import { Anchor, List, Stack, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useAsk } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { Flow } from '../../parts/flow.tsx';
import { Section } from '../../parts/page.tsx';
import { texts } from '../../texts/index.ts';
import { type Info, nameOf, type Terms } from './of.ts';

const words = texts.agreements;

/** What each party would learn: as a picture, and in plain words. */
export function Learns({ info }: { info: Info }): ReactNode {
  const { agreement, hash } = info;
  return (
    <Section title={words.learns.title}>
      <Stack gap="lg">
        <Sent agreement={agreement} />
        {agreement.link === undefined ? null : <ByLink hash={hash} agreement={agreement} />}
        {agreement.studies === undefined ? null : <ByStudies info={info} studies={agreement.studies} />}
      </Stack>
    </Section>
  );
}

function Sent({ agreement }: { agreement: Terms }): ReactNode {
  const { flow } = words;
  const { parties, keyService } = agreement;
  const shown = parties.map(({ id, name }) => ({
    name,
    holds: holdings(agreement, id).join('; ') || flow.holdsNone,
    learns: learned(agreement, id).join('; ') || flow.learnsNothing,
  }));
  return (
    <Flow
      title={flow.title}
      source={{ title: keyService.name, lines: [flow.keys] }}
      hands={flow.keyArrow}
      exchange={flow.exchange}
      parties={shown.map(({ name, holds, learns }) => ({ title: name, lines: [holds, learns] }))}
      told={[
        ...shown.map(({ name, holds, learns }) => flow.party(name, holds, learns)),
        ...parties.slice(1).map(({ name }, i) => flow.between(parties[i]!.name, name)),
        ...parties.map(({ name }) => flow.fromKeys(keyService.name, name)),
      ]}
    />
  );
}

function holdings({ tables, studies }: Terms, id: string): string[] {
  const { holds } = words.flow;
  const linked = Object.values(tables ?? {}).filter(({ party }) => party === id);
  const asked = Object.values(studies?.tables ?? {}).flatMap(({ holders, maxRows }) =>
    holders.filter(({ party }) => party === id).map(({ dataset }) => ({ dataset, maxRows })),
  );
  return [...new Set([...linked, ...asked].map(({ dataset, maxRows }) => holds(dataset, maxRows)))];
}

function learned({ link, studies, alerts = [] }: Terms, id: string): string[] {
  const { flow } = words;
  const listed = [...(studies?.list ?? []), ...(studies?.templates ?? [])].filter(({ to }) => to.includes(id)).length;
  const own: string[] = [];
  if (link?.to.includes(id)) own.push(link.reveal === 'count' ? flow.learnsCount : flow.learnsPairs);
  if (listed > 0) own.push(flow.learnsStudies(listed));
  if (studies?.free?.to.includes(id)) own.push(flow.learnsFree);
  if (alerts.some(({ to }) => to === id)) own.push(flow.learnsAlerts);
  return own;
}

function ByLink({ hash, agreement }: { hash: string; agreement: Terms }): ReactNode {
  const { may } = useSession();
  const explanation = useAsk('explainLink', { params: { hash } }, { enabled: may('link.explain') });
  const self = useAsk('getStatus', {}).data?.id ?? '';
  if (!agreement.parties.some(({ id }) => id === self)) return null;
  return (
    <Asked query={explanation}>
      {({ learns, remarks }) => (
        <Stack>
          <Table layout="fixed" maw={860}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col" w={180}>
                  {words.learns.who}
                </Table.Th>
                <Table.Th scope="col">{words.learns.what}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {learns.map(({ who, what }) => (
                <Table.Tr key={who}>
                  <Table.Th scope="row" fw={500}>
                    {who}
                  </Table.Th>
                  <Table.Td>{what}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
          <Text fw={600}>{words.learns.remarks}</Text>
          <List size="sm" maw={860} spacing={4}>
            {remarks.map((remark) => (
              <List.Item key={remark}>{remark}</List.Item>
            ))}
          </List>
        </Stack>
      )}
    </Asked>
  );
}

function ByStudies({
  info: { hash, agreement },
  studies: { list, free },
}: {
  info: Info;
  studies: NonNullable<Terms['studies']>;
}): ReactNode {
  const names = (ids: readonly string[]): string => ids.map((id) => nameOf(agreement, id)).join(', ');
  return (
    <Stack gap="xs">
      {list.length === 0 ? null : (
        <>
          <Text fw={600}>{words.learns.studies}</Text>
          <Text size="sm">{words.learns.looks}</Text>
          <Table layout="fixed" maw={860}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">{words.learns.study}</Table.Th>
                <Table.Th scope="col">{words.learns.to}</Table.Th>
                <Table.Th scope="col" className="number" w={80}>
                  {words.learns.runs}
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {list.map(({ name, to, maxRuns }) => (
                <Table.Tr key={name}>
                  <Table.Td>
                    <Anchor component={Link} href={`/studies/${hash}/${name}`}>
                      {name}
                    </Anchor>
                  </Table.Td>
                  <Table.Td>{names(to)}</Table.Td>
                  <Table.Td className="number">{maxRuns.toLocaleString('en')}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </>
      )}
      {free === undefined ? null : (
        <Text size="sm" maw={860}>
          {words.learns.free(names(free.by), names(free.to), free.maxRuns)}
        </Text>
      )}
    </Stack>
  );
}
