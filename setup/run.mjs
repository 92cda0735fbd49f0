// node setup/run.mjs FILE [ARGS…]: sets up if needed, then runs FILE with the project's Node 24.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { projectNode, setup } from './setup.mjs';

setup();
const child = spawn(projectNode(), process.argv.slice(2), { stdio: 'inherit' });
// Ctrl-C reaches the whole foreground group; the child decides how to stop, this process only waits for it.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => signal === 'SIGTERM' && child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
