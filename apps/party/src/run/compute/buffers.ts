/** All buffers in arrays, maps and objects that belong to one array alone: what may go over to another thread. Shared memory stays where it is. */
export function buffersIn(value: unknown): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) {
    const { buffer, byteLength } = value;
    return buffer instanceof ArrayBuffer && byteLength === buffer.byteLength ? [buffer] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  const parts = value instanceof Map ? [...value.values()] : Object.values(value);
  return [...new Set(parts.flatMap(buffersIn))];
}
