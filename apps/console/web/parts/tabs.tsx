import { Tabs as Frame } from '@mantine/core';
import type { ReactNode } from 'react';
import { useLocation } from 'wouter';

export interface Tab {
  /** Address: the first tab has the page's own. */
  readonly path: string;
  readonly label: string;
  /** Whether this person may see it. */
  readonly shown?: boolean;
  readonly content: ReactNode;
}

/** Parts of a page, one shown at a time, each with an address of its own. */
export function Tabs({ tabs }: { tabs: readonly Tab[] }): ReactNode {
  const [location, go] = useLocation();
  const shown = tabs.filter(({ shown = true }) => shown);
  const here = shown.findLast(({ path }) => location.startsWith(path)) ?? shown[0];
  if (here === undefined) return null;
  return (
    <Frame value={here.path} onChange={(path) => go(path!)} keepMounted={false}>
      <Frame.List>
        {shown.map(({ path, label }) => (
          <Frame.Tab key={path} value={path}>
            {label}
          </Frame.Tab>
        ))}
      </Frame.List>
      {shown.map(({ path, content }) => (
        <Frame.Panel key={path} value={path} pt="lg">
          {content}
        </Frame.Panel>
      ))}
    </Frame>
  );
}
