/**
 * What one side wrote on a connection that may turn from HTTP into WebSocket, with the masks taken off its frames (RFC 6455 §5): HTTP as
 * it is; after an upgrade, the payloads of all frames one after the other.
 */
export function unmaskWebSocket(stream: Uint8Array): Uint8Array {
  const start = endOfUpgrade(stream);
  if (start === undefined) return stream;
  const parts: Uint8Array[] = [stream.subarray(0, start)];
  for (let at = start; at + 2 <= stream.length; ) {
    const frame = frameAt(stream, at);
    parts.push(frame.payload);
    at = frame.end;
  }
  return Buffer.concat(parts);
}

function endOfUpgrade(stream: Uint8Array): number | undefined {
  const head = Buffer.from(stream.subarray(0, 16_384)).toString('latin1');
  const end = head.indexOf('\r\n\r\n');
  if (end < 0 || !/^upgrade: *websocket/im.test(head.slice(0, end))) return undefined;
  return end + 4;
}

function frameAt(stream: Uint8Array, at: number): { payload: Uint8Array; end: number } {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  const second = stream[at + 1]!;
  let [length, head] = [second & 0x7f, at + 2];
  if (length === 126) [length, head] = [view.getUint16(head), head + 2];
  else if (length === 127) [length, head] = [Number(view.getBigUint64(head)), head + 8];
  const masked = (second & 0x80) !== 0;
  const mask = masked ? stream.subarray(head, head + 4) : undefined;
  const begin = head + (masked ? 4 : 0);
  const payload = Uint8Array.from(stream.subarray(begin, begin + length));
  if (mask !== undefined) for (let i = 0; i < payload.length; i++) payload[i]! ^= mask[i & 3]!;
  return { payload, end: begin + length };
}
