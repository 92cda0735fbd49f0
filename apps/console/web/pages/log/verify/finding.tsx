import { Group, List, Mark, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Hash } from '../../../parts/hash.tsx';
import { LogLink } from '../../../parts/log-link.tsx';
import { Moment } from '../../../parts/moment.tsx';
import { texts } from '../../../texts/index.ts';
import { Outcome } from '../outcome.tsx';
import type { Found } from './messages.ts';

const words = texts.log.verify;
const number = (count: number): string => count.toLocaleString('en');

/** What a verification came to, in words. */
export function Finding({ found, ownKeys }: { found: Found; ownKeys: boolean }): ReactNode {
  const { ok, tampered } = found;
  const title = tampered === undefined ? (ok ? words.sound : words.unsound) : ok ? words.notFound : words.found;
  return (
    <Outcome ok={ok} title={title}>
      <Stack gap="sm">
        {tampered === undefined ? null : <Changed tampered={tampered} />}
        {ok ? <Sound found={found} /> : <Faults faults={found.faults} />}
        <Text size="xs" c="dimmed">
          {ownKeys ? words.keysOwn : words.keysServer}
        </Text>
      </Stack>
    </Outcome>
  );
}

function Sound({ found: { origin, size, root, events, cosignatures } }: { found: Found }): ReactNode {
  return (
    <List
      spacing="xs"
      size="sm"
      center
      icon={
        <ThemeIcon color="green" size={20} radius="xl" variant="filled" aria-hidden>
          <IconCheck size={14} />
        </ThemeIcon>
      }
    >
      <List.Item>
        <Group gap="xs">
          {words.checkpoint(origin, number(size))} {words.root} <Hash value={root} what={words.root} />
        </Group>
      </List.Item>
      <List.Item>{words.entries(number(size))}</List.Item>
      <List.Item>{words.events(number(events), size - events)}</List.Item>
      {cosignatures.length === 0 ? <List.Item>{words.noWitness}</List.Item> : null}
      {newest(cosignatures).map(({ witness, size: seen, at }) => (
        <List.Item key={witness}>
          {words.witnessed(witness, number(seen))}, <Moment at={at} />
        </List.Item>
      ))}
    </List>
  );
}

/** The largest tree of each witness. */
function newest(cosignatures: Found['cosignatures']): Found['cosignatures'] {
  const ordered = cosignatures.toSorted((a, b) => a.size - b.size);
  return [...new Map(ordered.map((one) => [one.witness, one])).values()];
}

function Changed({ tampered: { entry, before, after } }: { tampered: NonNullable<Found['tampered']> }): ReactNode {
  const place = [...after].findIndex((char, i) => char !== before[i]);
  return (
    <div>
      <Text size="sm">{words.tampered(number(entry))}</Text>
      {[before, after].map((text) => (
        <Text key={text} size="sm" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
          …{text.slice(0, place)}
          <Mark color={text === before ? 'green' : 'red'} c="black">
            {text[place]}
          </Mark>
          {text.slice(place + 1)}…
        </Text>
      ))}
      <LogLink index={entry} label={words.seeEntry} />
    </div>
  );
}

function Faults({ faults }: { faults: readonly string[] }): ReactNode {
  return (
    <List size="sm">
      {faults.slice(0, 20).map((fault) => (
        <List.Item key={fault} fw={600}>
          {fault[0]!.toUpperCase() + fault.slice(1)}.
        </List.Item>
      ))}
    </List>
  );
}
