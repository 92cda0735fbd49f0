import { Code } from '@mantine/core';
import type { ReactNode } from 'react';

/** A question as it is written, in lines that fit. */
export function Written({ text }: { text: string }): ReactNode {
  return (
    <Code block className="written">
      {text.trim()}
    </Code>
  );
}
