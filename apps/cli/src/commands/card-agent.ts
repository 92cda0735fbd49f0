import { openHome } from '@symbolon/service';
import { startAgent } from '@symbolon/workstation';
import type { Leaf } from '../command.ts';
import { UsageError } from '../ui.ts';

/** `symbolon card agent`. */
export const agent: Leaf<{ port: string }> = {
  name: 'agent',
  summary: 'a page on this computer for the same steps, until Ctrl-C',
  description:
    'Serves a page on 127.0.0.1, for one browser of this computer: the address that is printed works once. The page asks for cards and PINs, and needs no ' +
    'scripts. Ctrl-C logs out and ends it.',
  endsOnSignal: true,
  examples: ['symbolon card agent', 'symbolon card agent --home ./desk --port 8777'],
  options: (command) => command.option('--port <port>', 'TCP port; 0 picks a free one', '0'),
  run: async ({ ui, home, cleanup }, _, options) => {
    const port = Number(options.port);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new UsageError('--port is a number up to 65535');
    const running = await startAgent({ home: openHome(home), port });
    cleanup.add(() => running.close());
    ui.say('Open this address in the browser of this computer. It works once.');
    ui.say(running.address);
    await new Promise((stopped) => cleanup.signal.addEventListener('abort', stopped, { once: true }));
    return { json: { stopped: true } };
  },
};
