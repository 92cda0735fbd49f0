import type { ReactNode } from 'react';
import { Page } from '../../parts/page.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { texts } from '../../texts/index.ts';
import { Holds } from './holds.tsx';
import { OptOuts } from './opt-outs.tsx';

const words = texts.subjects;
const tabs = [
  { path: '/requests', label: words.tabs.optOuts, content: <OptOuts /> },
  { path: '/requests/holds', label: words.tabs.holds, content: <Holds /> },
];

/** What patients asked for, and what forbids to do it. */
export default function Subjects(): ReactNode {
  return (
    <Page title={words.title} lead={words.lead}>
      <Tabs tabs={tabs} />
    </Page>
  );
}
