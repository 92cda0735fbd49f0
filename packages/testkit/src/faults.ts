import { FrameSocket } from '@symbolon/service';

/** What happens to a frame on its way. */
export type FaultKind = 'drop' | 'duplicate' | 'truncate' | 'lengthen' | 'corrupt' | 'silence' | 'kill';

/** One fault, in a run of a network that runs in this process. */
export interface WireFault {
  readonly kind: FaultKind;
  /** Id of the organisation whose frames do not reach it as they were sent. */
  readonly to: string;
  /** Which frame on that line, from 0. */
  readonly frame: number;
}

/** A fault that is set. */
export interface SetFault {
  /** Whether it has struck. */
  readonly struck: boolean;
  /** Puts the wires right again. */
  remove(): void;
}

/**
 * Changes frames between parties, after their sender and before TLS: what a faulty or hostile peer would send. `silence` drops this
 * frame and all later ones, `kill` ends the connection instead of sending it.
 */
export function injectFault({ kind, to, frame: number }: WireFault): SetFault {
  const original = FrameSocket.prototype.send;
  const counts = new WeakMap<FrameSocket, number>();
  let struck = false;
  FrameSocket.prototype.send = async function (this: FrameSocket, frame: Uint8Array): Promise<void> {
    const send = (bytes: Uint8Array) => original.call(this, bytes);
    if (this.peer !== to) return send(frame);
    const count = counts.get(this) ?? 0;
    counts.set(this, count + 1);
    if (count > number && kind === 'silence') return undefined;
    if (count !== number) return send(frame);
    struck = true;
    switch (kind) {
      case 'drop':
      case 'silence':
        return undefined;
      case 'duplicate':
        await send(frame);
        return send(frame);
      case 'truncate':
        return send(frame.subarray(0, frame.length - 1));
      case 'lengthen':
        return send(Buffer.concat([frame, Uint8Array.of(0)]));
      case 'corrupt':
        return send(frame.map((byte, i) => (i === frame.length >> 1 ? byte ^ 1 : byte)));
      case 'kill':
        return this.close();
    }
  };
  return {
    get struck() {
      return struck;
    },
    remove: () => {
      FrameSocket.prototype.send = original;
    },
  };
}
