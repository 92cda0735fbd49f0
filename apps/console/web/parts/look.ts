import { useComputedColorScheme } from '@mantine/core';

/** The colours of plots. */
export interface Look {
  readonly text: string;
  readonly quiet: string;
  readonly grid: string;
  readonly paper: string;
  readonly accent: string;
  /** Of groups, apart for people who do not see all colours (Okabe and Ito, 2008), dark enough for lines on paper. */
  readonly groups: readonly string[];
}

export const light: Look = {
  text: '#1f2933',
  quiet: '#52606d',
  grid: '#e4e7eb',
  paper: '#ffffff',
  accent: '#0b7285',
  groups: ['#0b7285', '#c05600', '#5f3dc4', '#2b8a3e', '#a61e4d', '#495057'],
};

const dark: Look = {
  text: '#e9ecef',
  quiet: '#adb5bd',
  grid: '#3b3b3b',
  paper: '#242424',
  accent: '#38a9bd',
  groups: ['#38a9bd', '#ff922b', '#b197fc', '#69db7c', '#f783ac', '#ced4da'],
};

/** The colours of plots on the page as it is shown now. */
export function useLook(): Look {
  return useComputedColorScheme('light') === 'dark' ? dark : light;
}
