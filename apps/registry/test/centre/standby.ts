// node standby.ts HOME: loads the code of a central server, and runs its `main.ts` when something is written to its standard input. Until then nothing of the home
// is opened: a server that is killed is there again without the second that loading takes.
import { flushCompileCache } from 'node:module';
import '../../src/centre/start.ts';

flushCompileCache();
process.stdin.once('data', () => {
  process.stdin.destroy();
  void import('../../src/centre/main.ts');
});
