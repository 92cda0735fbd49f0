import { Listr, ListrLogger, ProcessOutput } from 'listr2';
import type { Ui } from './ui.ts';

/** Says what part of a step is being done. */
export type Update = (text: string) => void;

/** Steps of a longer command, one after the other, as they happen. */
export interface Progress {
  step<T>(title: string, work: (update: Update) => Promise<T>): Promise<T>;
}

/** Not on a terminal, a step that takes long says where it is so often. */
const quietMilliseconds = 30_000;

/** With a spinner on a terminal, else a plain line for each step that is done, and now and then for one that takes long. All of it is talk, so it goes to stderr. */
export function progressFor(ui: Ui): Progress {
  return ui.interactive ? spinning(ui) : plain(ui);
}

function plain(ui: Ui): Progress {
  return {
    async step(title, work) {
      const start = performance.now();
      let said = start;
      const result = await work((text) => {
        if (performance.now() - said < quietMilliseconds) return;
        said = performance.now();
        ui.say(`  ${title}: ${text}`);
      });
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      ui.say(`${ui.talk.green('✔')} ${title} ${ui.talk.dim(`(${seconds} s)`)}`);
      return result;
    },
  };
}

function spinning(ui: Ui): Progress {
  return {
    async step<T>(title: string, work: (update: Update) => Promise<T>): Promise<T> {
      let result: { value: T } | undefined;
      const list = new Listr(
        [
          {
            title,
            task: async (_, task) => {
              result = {
                value: await work((text) => {
                  task.output = text;
                }),
              };
            },
          },
        ],
        {
          // Signals are the command's own business.
          registerSignalListeners: false,
          rendererOptions: {
            logger: new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) }),
          },
        },
      );
      await list.run();
      ui.drawn();
      return result!.value;
    },
  };
}
