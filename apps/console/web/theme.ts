import { createTheme, type MantineColorsTuple, TableScrollContainer } from '@mantine/core';

// From cyan to deep teal; contrast of the filled shades with white, and of text on light ones, is at least 4.5 (WCAG 2.2, 1.4.3).
const teal: MantineColorsTuple = [
  '#e3f8fb',
  '#c8edf3',
  '#9bdbe6',
  '#66c6d6',
  '#38a9bd',
  '#1a8ea3',
  '#0b7285',
  '#09606f',
  '#084f5c',
  '#053a44',
];

export const theme = createTheme({
  primaryColor: 'teal',
  primaryShade: { light: 6, dark: 6 },
  colors: { teal },
  autoContrast: true,
  defaultRadius: 'md',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "DejaVu Sans Mono", Menlo, monospace',
  headings: { fontWeight: '650' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // Who sees half of a table sees that there is more.
    TableScrollContainer: TableScrollContainer.extend({
      defaultProps: { scrollAreaProps: { type: 'auto', offsetScrollbars: 'x' } },
    }),
  },
});
