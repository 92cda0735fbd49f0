import { type Meet, meetLimits, rowLayout } from '../session/index.ts';
import { unsupported } from './units.ts';

/** How tables meet: what their entries are, and what makes fewer of them, or shorter ones. */
const ways = {
  rule: {
    entries: 'rows · keys · cap',
    fewer: 'agree on fewer blocking keys, or a smaller cap',
    read: 'what the rule compares and the study reads',
    shorter: 'compare shorter texts (maxLength), read fewer columns, or agree on fewer blocking keys',
  },
  keys: {
    entries: 'rows with a key',
    fewer: 'agree on smaller tables',
    read: 'what the study reads',
    shorter: 'read fewer columns',
  },
};

/** @throws SymbolonError `study-unsupported` where a join is too large for a session */
export function requireMeet(join: string, meet: Meet, by: keyof typeof ways): void {
  const { entries: what, fewer, read, shorter } = ways[by];
  const entries = Math.max(...meet.entries);
  if (entries > meetLimits.entries)
    throw unsupported(`${join} has ${entries} entries (${what}), and ${meetLimits.entries} are the most; ${fewer}`);
  const columns = meet.columns.length;
  if (columns > meetLimits.columns)
    throw unsupported(
      `${join}: ${read} makes ${columns} columns (a key of groups makes one for each of its values), and ${meetLimits.columns} are the most; read fewer columns, or group by fewer values`,
    );
  const bytes = rowLayout(meet).rowBytes;
  if (bytes <= meetLimits.rowBytes && bytes * meet.entries[1] <= meetLimits.storedBytes) return;
  throw unsupported(
    `${join}: ${read} takes ${bytes} bytes for each of ${meet.entries[1]} entries, and ${meetLimits.rowBytes}, or ${meetLimits.storedBytes} in all, are the most; ${shorter}`,
  );
}
