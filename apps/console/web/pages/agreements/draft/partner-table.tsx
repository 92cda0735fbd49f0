import { Button, FileButton, Group, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Answer } from '../../../api/operations.ts';
import { CodeArea } from '../../../parts/code-area.tsx';
import { texts } from '../../../texts/index.ts';

const words = texts.agreements.draft;

/** What is known of a data set from its description. */
export interface Description {
  readonly name: string;
  readonly columns: Readonly<Record<string, { readonly type: Kind; readonly min?: string; readonly max?: string }>>;
}
type Kind = Answer<'getDataset'>['columns'][number]['type'];
const kinds: readonly unknown[] = ['text', 'number', 'date', 'boolean'] satisfies Kind[];

/** Takes the description of a partner's data set, as a file or pasted. */
export function PartnerTable({
  described,
  change,
}: {
  described: Description | undefined;
  change: (description: Description | undefined) => void;
}): ReactNode {
  const [text, setText] = useState('');
  const take = (given: string): void => {
    setText(given);
    change(descriptionOf(given));
  };
  const wrong = text.trim() !== '' && described === undefined;
  return (
    <div>
      <CodeArea
        label={words.theirs}
        description={words.theirsHint}
        placeholder={words.theirsPaste}
        required
        minRows={2}
        maxRows={6}
        value={text}
        error={wrong ? words.theirsWrong : undefined}
        onChange={(event) => take(event.currentTarget.value)}
      />
      <Group mt="xs">
        <FileButton accept=".json,application/json" onChange={(file) => void file?.text().then(take)}>
          {(props) => (
            <Button {...props} variant="default" size="xs">
              {words.theirsFile}
            </Button>
          )}
        </FileButton>
        {described === undefined ? null : (
          <Text size="sm" role="status">
            {words.theirsHas(described.name, Object.keys(described.columns).length)}
          </Text>
        )}
      </Group>
    </div>
  );
}

/** A description that a partner wrote; undefined where it is none. The server checks the rest of it. */
function descriptionOf(text: string): Description | undefined {
  try {
    const { name, columns } = JSON.parse(text) as Partial<Description>;
    if (typeof name !== 'string' || typeof columns !== 'object' || columns === null) return undefined;
    const all = Object.values(columns) as readonly unknown[];
    const typed = all.every(
      (one) => typeof one === 'object' && one !== null && 'type' in one && kinds.includes(one.type),
    );
    return typed && all.length > 0 ? { name, columns } : undefined;
  } catch {
    return undefined;
  }
}
