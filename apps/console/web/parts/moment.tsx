import type { ReactNode } from 'react';

const near = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const far = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** A moment in the reader's own time zone; today's by the hour. @param at RFC 3339 */
export function Moment({ at }: { at: string }): ReactNode {
  const date = new Date(at);
  const today = date.toDateString() === new Date().toDateString();
  return (
    <time dateTime={at} title={far.format(date)}>
      {(today ? near : far).format(date)}
    </time>
  );
}
