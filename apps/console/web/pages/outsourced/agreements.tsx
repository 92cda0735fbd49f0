import { Select } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Answer } from '../../api/operations.ts';
import { useAll } from '../../api/queries.ts';
import { texts } from '../../texts/index.ts';

/** Agreements in force with a compute server. */
export function useOutsourcing(): readonly Answer<'listAgreements'>['items'][number][] {
  const agreements = useAll('listAgreements', {});
  return (agreements.data?.items ?? []).filter(
    ({ state, agreement }) => state === 'active' && agreement.outsourcing !== undefined,
  );
}

/** Under which of them something is done: its hash, and the field that chooses. No hash where there is none. */
export function useChosenAgreement(): { readonly hash: string | undefined; readonly field: ReactNode } {
  const agreements = useOutsourcing();
  const [chosen, choose] = useState<string | null>(null);
  const hash = chosen ?? agreements[0]?.hash;
  const field = (
    <Select
      label={texts.outsourced.agreement}
      allowDeselect={false}
      value={hash ?? null}
      onChange={choose}
      data={agreements.map((one) => ({ value: one.hash, label: one.title }))}
    />
  );
  return { hash, field };
}
