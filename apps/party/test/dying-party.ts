// Run as a process of its own: a party that kills itself, as SIGKILL does, before it sends its frame of this number,
// counting those of so many bytes or more.
import { FrameSocket } from '@symbolon/service';
import { startParty } from '../src/index.ts';
import { quiet } from './network.ts';

const [homePath, frame, least = '0'] = process.argv.slice(2) as [string, string, string?];
const send = FrameSocket.prototype.send;
let count = 0;
FrameSocket.prototype.send = function (this: FrameSocket, bytes: Uint8Array) {
  if (bytes.length >= Number(least) && count++ === Number(frame)) process.kill(process.pid, 'SIGKILL');
  return send.call(this, bytes);
};
await startParty({ homePath, logger: quiet });
process.send!('ready');
