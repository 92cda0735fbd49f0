import { Badge, Group, List, Paper, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconBuilding, IconChartBar, IconKey, IconLock } from '@tabler/icons-react';
import type { ComponentType, ReactNode } from 'react';
import { useAsk } from '../../../api/queries.ts';
import { sizeOf } from '../../../parts/size.ts';
import { texts } from '../../../texts/index.ts';
import { type Agreement, type Explanation, nameOf } from '../agreed.ts';
import type { Sketch } from './words.ts';

const words = texts.studies.explain;

interface Shown {
  readonly explanation: Explanation;
  readonly sketch: Sketch;
  readonly agreement: Pick<Agreement, 'agreement'> | undefined;
}

/** Houses on the left, what is computed together in the middle, who learns what on the right; below each other where there is no room. */
export function Picture(shown: Shown): ReactNode {
  return (
    <div className="study-picture-frame">
      <section className="study-picture" aria-label={words.picture}>
        <Stack gap="sm" className="from">
          <Text size="sm" c="dimmed" fw={600}>
            {words.stays}
          </Text>
          {shown.explanation.parties.map((id) => (
            <Holder key={id} id={id} {...shown} />
          ))}
        </Stack>
        <Together {...shown} />
        <Stack gap="sm" className="to">
          <Text size="sm" c="dimmed" fw={600}>
            {words.learns}
          </Text>
          <Receivers {...shown} />
        </Stack>
      </section>
    </div>
  );
}

function Holder({ id, explanation, sketch, agreement }: Shown & { id: string }): ReactNode {
  const tables = Object.entries(explanation.sizes).flatMap(([alias, holders]) => {
    const size = holders[id];
    if (size === undefined) return [];
    const unknown = explanation.atMost.some((text) => text.endsWith(` of ${id}`));
    return [{ alias, rows: unknown ? words.atMost(size.rows) : words.rows(size.rows) }];
  });
  if (tables.length === 0) return null;
  const own = sketch.local[id] ?? [];
  const sent = explanation.units.reduce((sum, { parties, sentBytes }) => {
    const at = parties.indexOf(id);
    return sum + (sentBytes[at]?.reduce((all, one) => all + one, 0) ?? 0);
  }, 0);
  return (
    <Box
      icon={IconBuilding}
      title={<House id={id} agreement={agreement} />}
      arrow={sent === 0 ? '' : words.sendsMasked(sizeOf(sent))}
    >
      {tables.map(({ alias, rows }) => (
        <Text size="sm" key={alias}>
          <b>{alias}</b>, {rows}
        </Text>
      ))}
      <Text size="sm" c="dimmed">
        {own.length === 0 ? words.readsOnly : words.reads}
      </Text>
      <Formulas items={own} />
    </Box>
  );
}

function Together({ explanation, sketch }: Shown): ReactNode {
  const keys = explanation.units.reduce((sum, { answerKeyBytes }) => sum + answerKeyBytes, 0);
  const steps = [
    ...(sketch.joins ? [words.joins] : []),
    ...(sketch.filters ? [words.filters] : []),
    ...(sketch.mixes ? [words.mixes] : []),
    words.adds,
    words.checks,
  ];
  return (
    <Stack gap="sm" className="middle">
      <Box icon={IconLock} title={words.computes} accent>
        <List size="sm" spacing={2}>
          {steps.map((step) => (
            <List.Item key={step}>{step}</List.Item>
          ))}
        </List>
        <Text size="sm" c="dimmed">
          {words.computesNobody}
        </Text>
      </Box>
      <Box icon={IconKey} title={words.keys}>
        <Text size="sm" c="dimmed">
          {words.keysWhat(sizeOf(keys))}
        </Text>
      </Box>
    </Stack>
  );
}

function Receivers({ explanation, sketch, agreement }: Shown): ReactNode {
  const { to, parties } = explanation;
  const others = parties.filter((id) => !to.includes(id));
  return (
    <>
      <Box icon={IconChartBar} title={to.map((id) => <House key={id} id={id} agreement={agreement} />)} accent>
        <Text size="sm" c="dimmed">
          {words.opens}
        </Text>
        <Formulas items={sketch.opens} />
        {sketch.unless === undefined ? null : <Text size="sm">{sketch.unless}</Text>}
      </Box>
      {others.length === 0 ? null : (
        <Box icon={IconBuilding} title={others.map((id) => <House key={id} id={id} agreement={agreement} />)}>
          <Text size="sm" c="dimmed">
            {words.learnsNothing}
          </Text>
        </Box>
      )}
      <Text size="sm" c="dimmed">
        {words.sizes}
      </Text>
    </>
  );
}

function House({ id, agreement }: { id: string; agreement: Shown['agreement'] }): ReactNode {
  const own = useAsk('getStatus', {}).data?.id === id;
  return (
    <Group gap={6} component="span">
      <span>{agreement === undefined ? id : nameOf(agreement, id)}</span>
      {own ? (
        <Badge variant="default" tt="none" fw={500} size="sm">
          {words.own}
        </Badge>
      ) : null}
    </Group>
  );
}

function Formulas({ items }: { items: readonly string[] }): ReactNode {
  if (items.length === 0) return null;
  return (
    <ul className="formulas">
      {items.map((item) => (
        <li key={item}>{item}</li>
      ))}
    </ul>
  );
}

/** @param arrow what goes on from here */
function Box(props: {
  icon: ComponentType<{ size?: number; stroke?: number }>;
  title: ReactNode;
  accent?: boolean;
  arrow?: string;
  children: ReactNode;
}): ReactNode {
  const { icon: Icon, accent = false } = props;
  return (
    <Paper withBorder p="sm" className="box" data-accent={accent}>
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <ThemeIcon variant={accent ? 'filled' : 'default'} size={28} radius="xl" aria-hidden="true">
          <Icon size={16} stroke={1.6} />
        </ThemeIcon>
        <Stack gap={4} miw={0} flex={1}>
          <Text component="div" size="sm" fw={650}>
            {props.title}
          </Text>
          {props.children}
          {props.arrow === undefined || props.arrow === '' ? null : (
            <Text size="sm" className="sends">
              {props.arrow}
            </Text>
          )}
        </Stack>
      </Group>
    </Paper>
  );
}
