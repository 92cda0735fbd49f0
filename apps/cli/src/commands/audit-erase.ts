import type { Leaf } from '../command.ts';
import { withView } from '../organisation.ts';
import { UsageError } from '../ui.ts';

/** `symbolon audit erase`. */
export const erase: Leaf<{ reason: string }> = {
  name: 'erase <entry>',
  summary: 'erase what an entry of the log says, for good; two people ask for it',
  description:
    'Erases event and salt of an entry once a second user has asked for it too. Its hash stays, so that the log can still be verified. That it was\n' +
    'erased, by whom and why is an entry of its own.',
  served: true,
  examples: ['symbolon audit erase 12 --reason "a name stood in a title" --server https://fred.example:8443'],
  options: (command) => command.requiredOption('--reason <words>', 'why; must not repeat what is erased'),
  run: async ({ ui, at }, [typed], { reason }) => {
    if (!/^\d{1,9}$/.test(typed!))
      throw new UsageError(`an entry has a number, not '${typed}'`, 'See: symbolon audit show');
    const result = await withView(at, ({ audit }) => audit.erase(Number(typed), reason));
    ui.say(
      result.erased ? `${ui.talk.green('✔')} Erased.` : 'Asked for. Another user asks for it too, then it is erased.',
    );
    return { json: result };
  },
};
