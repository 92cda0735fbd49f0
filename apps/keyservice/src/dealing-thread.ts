// Run as a thread of the key service: deals answer keys, so that the main thread can answer.
import { moved, serveThread } from '@symbolon/service/threads';
import { Dealing, type DealingOrder } from './dealing.ts';

serveThread(() => {
  let dealing: Dealing | undefined;
  return {
    methods: {
      begin: (order: DealingOrder) => {
        dealing = new Dealing(order);
      },
      next: async () => {
        const chunk = await dealing!.next();
        return chunk && moved(chunk);
      },
    },
    closed: () => dealing?.stop(),
  };
});
