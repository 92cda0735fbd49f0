import { Select } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Input } from '../api/operations.ts';
import { texts } from '../texts/index.ts';

type Purpose = NonNullable<Input<'runLink'>['body']['purpose']>;

/**
 * What a run is for: the one that the agreement allows, or a choice where it allows several.
 * @returns as the run's request says it, and the choice
 */
export function usePurpose(uses: readonly Purpose[] = []): [{ purpose?: Purpose }, ReactNode] {
  const [chosen, setChosen] = useState<Purpose | null>(null);
  const purpose = uses.length === 1 ? uses[0]! : chosen;
  const choice = (
    <Select
      label={texts.common.purpose}
      placeholder={texts.common.purposeNone}
      data={uses.map((value) => ({ value, label: texts.purposes[value] ?? value }))}
      value={chosen}
      onChange={setChosen}
      clearable
    />
  );
  return [purpose === null ? {} : { purpose }, uses.length > 1 ? choice : null];
}
