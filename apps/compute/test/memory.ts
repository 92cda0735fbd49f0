import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';

const slice = 2 ** 24;

/**
 * Which of some byte strings stand in the memory of a process, by `/proc/PID/mem`: all regions that can be written. Undefined where the system does not
 * let us look. @param needles by name, none longer than 4096 bytes
 */
export function foundInMemory(pid: number, needles: ReadonlyMap<string, Buffer>): Set<string> | undefined {
  let memory: number;
  let maps: string;
  try {
    memory = openSync(`/proc/${pid}/mem`, 'r');
    maps = readFileSync(`/proc/${pid}/maps`, 'utf8');
  } catch {
    return undefined;
  }
  const found = new Set<string>();
  let read = 0;
  const buffer = Buffer.alloc(slice + 4096);
  for (const line of maps.split('\n')) {
    const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
    if (from === undefined) continue;
    const end = Number.parseInt(to!, 16);
    for (let at = Number.parseInt(from, 16); at < end; at += slice) {
      let bytes = 0;
      try {
        bytes = readSync(memory, buffer, 0, Math.min(buffer.length, end - at), at);
      } catch {
        continue;
      }
      read += bytes;
      const piece = buffer.subarray(0, bytes);
      for (const [name, needle] of needles) if (piece.includes(needle)) found.add(name);
    }
  }
  closeSync(memory);
  buffer.fill(0);
  return read === 0 ? undefined : found;
}

/** Processes that a process started. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc').flatMap((name) => {
    try {
      const stat = readFileSync(`/proc/${Number(name)}/stat`, 'utf8');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

/** Memory that a process has, in bytes. */
export function residentBytes(pid: number): number {
  try {
    return 4096 * Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  } catch {
    return 0;
  }
}
