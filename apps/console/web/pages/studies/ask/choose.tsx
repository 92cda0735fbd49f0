import { Anchor, Paper, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useAll, useAsk } from '../../../api/queries.ts';
import { Asked } from '../../../parts/asked.tsx';
import { Page } from '../../../parts/page.tsx';
import { texts } from '../../../texts/index.ts';
import { type Agreement, askable } from '../agreed.ts';

const words = texts.studies.editor;

/** Under which agreement a question is asked: free, or by a template. */
export function ChooseAgreement(): ReactNode {
  const self = useAsk('getStatus', {}).data?.id ?? '';
  const agreements = useAll('listAgreements', {});
  return (
    <Page title={words.title} lead={words.lead}>
      <Asked query={agreements}>
        {({ items }) => {
          const open = items.filter((one) => {
            const { free, templates } = askable(one, self);
            return free !== undefined || templates.length > 0;
          });
          if (open.length === 0) return <Text maw={640}>{words.none}</Text>;
          return (
            <Stack>
              <Text fw={600}>{words.choose}</Text>
              {open.map((one) => (
                <Choices key={one.hash} agreement={one} self={self} />
              ))}
            </Stack>
          );
        }}
      </Asked>
    </Page>
  );
}

function Choices({ agreement, self }: { agreement: Agreement; self: string }): ReactNode {
  const { free, templates } = askable(agreement, self);
  return (
    <Paper withBorder p="md">
      <Stack gap="xs">
        <Text fw={600}>{agreement.title}</Text>
        {free === undefined ? null : (
          <Text size="sm">
            <Anchor component={Link} underline="always" href={`/studies/ask/${agreement.hash}`}>
              {words.free}
            </Anchor>
            , {words.freeWhat(free.maxRuns, free.methods.length)}
          </Text>
        )}
        {templates.map(({ name }) => (
          <Text size="sm" key={name}>
            <Anchor component={Link} underline="always" href={`/studies/ask/${agreement.hash}/${name}`}>
              {words.template}: {name}
            </Anchor>
          </Text>
        ))}
      </Stack>
    </Paper>
  );
}
