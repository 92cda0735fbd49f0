import { Textarea } from '@mantine/core';

/** A field for SQL, JSON or a rule: letters of one width, as high as its text. */
export const CodeArea = Textarea.withProps({
  autosize: true,
  spellCheck: false,
  styles: { input: { fontFamily: 'var(--mantine-font-family-monospace)' } },
});
