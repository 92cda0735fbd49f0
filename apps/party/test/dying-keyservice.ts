// Run as a process of its own: a key service that kills itself, as SIGKILL does, before it answers a request at an address that ends so: the first, or a later one.
import { ServerResponse } from 'node:http';
import { startKeyservice } from '@symbolon/keyservice';
import { quiet } from './network.ts';

const [homePath, ending, which = '1'] = process.argv.slice(2) as [string, string, string?];
let left = Number(which);
const { writeHead } = ServerResponse.prototype;
ServerResponse.prototype.writeHead = function (this: ServerResponse, ...args: unknown[]) {
  if (this.req.method === 'POST' && this.req.url!.endsWith(ending) && --left === 0)
    process.kill(process.pid, 'SIGKILL');
  return (writeHead as (...all: unknown[]) => ServerResponse).apply(this, args);
} as typeof writeHead;
await startKeyservice({ homePath, logger: quiet });
process.send!('ready');
