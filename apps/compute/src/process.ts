import { warmUp } from '@symbolon/fhe/evaluation';
import { evaluate, type Task, type Told } from './evaluate.ts';

// The main file of a process that evaluates one task and ends. Its parent stops it when its time or memory is up; without its parent it ends.
process.once('disconnect', () => process.exit());
process.once('message', async (task: Task) => {
  try {
    await evaluate(task, tell);
  } catch (error) {
    await tell({ kind: 'failed', why: error instanceof Error ? error.message : String(error) });
  }
  process.disconnect();
});

/** Resolves when the parent's end of the pipe has it. */
function tell(told: Told): Promise<void> {
  return new Promise((resolve) => process.send!(told, undefined, undefined, () => resolve()));
}

// While it waits; where it fails, the task says so.
void warmUp().then(
  () => tell({ kind: 'ready' }),
  () => undefined,
);
