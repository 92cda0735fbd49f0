import { Button, Group, Select, Stack, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { call } from '../../../api/call.ts';
import { useAll } from '../../../api/queries.ts';
import { download } from '../../../parts/download.ts';
import { texts } from '../../../texts/index.ts';

const words = texts.agreements.draft;

/** What a partner needs to know of an own data set to draft an agreement, as a file to hand over. */
export function Describe(): ReactNode {
  const datasets = useAll('listDatasets', {});
  const [name, setName] = useState<string | null>(null);
  const save = async (): Promise<void> => {
    const description = await call('describeDataset', { params: { name: name! } });
    download(`${name}.description.json`, `${JSON.stringify(description, null, 2)}\n`, 'application/json');
  };
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        {words.describeHint}
      </Text>
      <Group align="flex-end">
        <Select
          label={words.own}
          data={(datasets.data?.items ?? []).map((one) => one.name)}
          value={name}
          onChange={setName}
        />
        <Button
          variant="default"
          disabled={name === null}
          leftSection={<IconDownload size={16} />}
          onClick={() => void save()}
        >
          {words.describe}
        </Button>
      </Group>
    </Stack>
  );
}
