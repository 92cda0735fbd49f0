import { systemRng } from '@symbolon/crypto';
import { type Following, type KeyAnswers, type KeyOrder, SecretHolder } from './key-orders.ts';
import { type ToldFault, toldFault } from './told-fault.ts';

/** What the process hears: an order under a number, or that one is not wanted any more. */
export type KeyAsked = { readonly id: number; readonly order: KeyOrder } | { readonly id: number; readonly stop: true };

/** What it says of each. */
export type KeyTold =
  | { readonly id: number; readonly done: number; readonly of: number }
  | { readonly id: number; readonly made: KeyAnswers[KeyOrder['kind']] }
  | { readonly id: number; readonly error: ToldFault };

// The main file of the process that holds one secret key. It ends with its parent, and what it started ends with it.
const holder = new SecretHolder(systemRng);
const running = new Map<number, AbortController>();
const tell = (told: KeyTold): void => void process.send!(told);

process.once('disconnect', () => process.exit());
process.on('message', async (asked: KeyAsked) => {
  const { id } = asked;
  if ('stop' in asked) return running.get(id)?.abort();
  const controller = new AbortController();
  running.set(id, controller);
  const following: Following = { signal: controller.signal, onProgress: (done, of) => tell({ id, done, of }) };
  try {
    tell({ id, made: await holder.follow(asked.order, following) });
  } catch (error) {
    tell({ id, error: toldFault(error) });
  } finally {
    running.delete(id);
  }
});
