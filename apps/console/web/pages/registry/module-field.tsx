import { Select } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useAsk } from '../../api/queries.ts';
import { texts } from '../../texts/index.ts';

/** One of the modules whose records this central server keeps, and the field to choose it by; undefined until they are known. */
export function useChosenModule(): { readonly module: string | undefined; readonly field: ReactNode } {
  const { data } = useAsk('listModules', {});
  const [chosen, setChosen] = useState<string | null>(null);
  const modules = data?.modules ?? [];
  const module = chosen ?? modules[0];
  const field = (
    <Select
      label={texts.registry.chosenModule}
      maw={360}
      allowDeselect={false}
      data={modules}
      value={module ?? null}
      onChange={setChosen}
    />
  );
  return { module, field };
}
