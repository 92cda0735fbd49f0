import type { FrameSocket } from '@symbolon/service';

/** How the lines between all parties of an attempt come about. */
export interface MeshOptions {
  /** Ids of the parties, in order. */
  readonly parties: readonly string[];
  /** This party's place, and that of the initiator. */
  readonly index: number;
  readonly initiator: number;
  dial(id: string): Promise<FrameSocket>;
  /** The line that this party opens here. */
  wait(id: string): Promise<FrameSocket>;
}

/** Whether a party dials another: the initiator dials all; of two others, the one before the other. */
export function dials({ index, initiator }: Pick<MeshOptions, 'index' | 'initiator'>, other: number): boolean {
  return index === initiator || (other !== initiator && index < other);
}

/**
 * Opens the lines to all other parties. The initiator begins, when all have said that they wait; its line tells each party that all the others do.
 * Runs at: all parties. @returns lines by place; none stays open where one fails
 */
export async function openMesh(options: MeshOptions): Promise<ReadonlyMap<number, FrameSocket>> {
  const { parties, index, initiator, dial, wait } = options;
  const lines = new Map<number, FrameSocket>();
  const open = async (place: number): Promise<void> => {
    const id = parties[place]!;
    lines.set(place, await (dials(options, place) ? dial(id) : wait(id)));
  };
  try {
    if (index !== initiator) await open(initiator);
    const others = [...parties.keys()].filter((place) => place !== index && !lines.has(place));
    const opened = await Promise.allSettled(others.map(open));
    for (const line of opened) if (line.status === 'rejected') throw line.reason;
    return lines;
  } catch (error) {
    for (const line of lines.values()) void line.close();
    throw error;
  }
}
