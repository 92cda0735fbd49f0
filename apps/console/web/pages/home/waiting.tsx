import type { ReactNode } from 'react';
import { Busy } from '../../parts/busy.tsx';
import { Section } from '../../parts/page.tsx';
import { Things } from '../../parts/things.tsx';
import { texts } from '../../texts/index.ts';
import { useWaiting } from './use-waiting.ts';

/** What only I, or somebody of my role, can do now. */
export function Waiting(): ReactNode {
  const things = useWaiting();
  return (
    <Section title={texts.home.waiting.title}>{things === undefined ? <Busy /> : <Things things={things} />}</Section>
  );
}
