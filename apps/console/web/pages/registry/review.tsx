import type { ReactNode } from 'react';
import { Page } from '../../parts/page.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { texts } from '../../texts/index.ts';
import { Changes } from './changes.tsx';
import { Duplicates } from './duplicates.tsx';

const words = texts.registry.review;

/** Patients who may be one person; what was decided of others. */
export default function Review(): ReactNode {
  return (
    <Page title={words.title} lead={words.lead}>
      <Tabs
        tabs={[
          { path: '/review', label: words.tabs.duplicates, content: <Duplicates /> },
          { path: '/review/changes', label: words.tabs.changes, content: <Changes /> },
        ]}
      />
    </Page>
  );
}
