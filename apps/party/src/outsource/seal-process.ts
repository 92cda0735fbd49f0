import { perform, type SealDone, type SealTask } from './seal-task.ts';
import { type ToldFault, toldFault } from './told-fault.ts';

/** What the process says: how far it is, what it made, or why it could not. */
export type SealTold =
  | { readonly kind: 'progress'; readonly done: number; readonly of: number }
  | { readonly kind: 'done'; readonly made: SealDone }
  | { readonly kind: 'failed'; readonly error: ToldFault };

// The main file of a process that does one task and ends. Its parent stops it when nobody wants the result any more; with a parent that was killed it ends.
process.once('disconnect', () => process.exit());
process.once('message', async (task: SealTask) => {
  try {
    const made = await perform(task, (done, of) => void tell({ kind: 'progress', done, of }));
    await tell({ kind: 'done', made });
  } catch (error) {
    await tell({ kind: 'failed', error: toldFault(error) });
  }
  process.disconnect();
});

/** Resolves when the parent's end of the pipe has it. */
function tell(told: SealTold): Promise<void> {
  return new Promise((resolve) => process.send!(told, undefined, undefined, () => resolve()));
}
