import type { ReactNode } from 'react';

/** Two halves of a broken token that fit together: what a symbolon was. */
export function Mark({ size }: { size: number }): ReactNode {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden="true">
      <path d="M15 3a13 13 0 0 0 0 26v-6l-3-3 3-4-3-4 3-3z" fill="var(--mantine-color-teal-6)" />
      <path d="M17 3a13 13 0 0 1 0 26v-6l-3-3 3-4-3-4 3-3z" fill="var(--mantine-color-teal-4)" />
    </svg>
  );
}
