import { ActionIcon } from '@mantine/core';
import { IconBook } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import { texts } from '../texts/index.ts';
import { helpOf } from './help-pages.ts';

/** To what the documentation says of this page; in a tab of its own, as what was typed here stays. */
export function HelpLink(): ReactNode {
  const [location] = useLocation();
  const { page, topic } = helpOf(location);
  const label = texts.help.label(topic);
  return (
    <ActionIcon
      component="a"
      href={`/docs/${page}`}
      target="_blank"
      variant="subtle"
      size="md"
      mt={4}
      aria-label={label}
      title={label}
    >
      <IconBook size={18} stroke={1.6} />
    </ActionIcon>
  );
}
