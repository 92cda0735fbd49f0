import { Command } from 'commander';
import { Cleanup } from './cleanup.ts';
import { type Place, type ServerOptions, serverOptions } from './server-options.ts';
import { type Outcome, Ui } from './ui.ts';

/** What a command works with. */
export interface Context {
  readonly ui: Ui;
  /** The organisation's folder. */
  readonly home: string;
  /** The folder or, of a `served` command, the server that was named. */
  readonly at: Place;
  readonly cleanup: Cleanup;
}

/** A command: its words, and what it does. `Options` is what commander makes of its options. */
export interface Leaf<Options> {
  /** As commander takes it: `add <name> <source>`. */
  readonly name: string;
  readonly summary: string;
  /** More than the summary, where that is needed. */
  readonly description?: string;
  /** Lines of the shell, without the prompt. */
  readonly examples: readonly string[];
  /** False: the command does not work on an organisation's folder. */
  readonly home?: false;
  /** The command also works on a server, as the user who is logged in there. */
  readonly served?: true;
  /** This command ends by itself after Ctrl-C: its `run` watches `cleanup.signal`, and needs time to tell others. */
  readonly endsOnSignal?: boolean;
  /** Adds options. */
  readonly options?: (command: Command) => Command;
  /** Arguments come as commander parses them: an array for each command line. */
  readonly run: (context: Context, args: string[], options: Options) => Promise<Outcome>;
}

/** What a run of the command line leaves behind for `main`. */
export interface Ending {
  exitCode: number;
}

/** {@link leaf}, bound to where the exit code goes. */
export type LeafMaker = <Options extends object>(definition: Leaf<Options>) => Command;

export const defaultHome = '.symbolon';

/** Makes a commander command of a {@link Leaf}. */
export function leaf<Options extends object>(definition: Leaf<Options>, ending: Ending): Command {
  const [name, ...args] = definition.name.split(' ');
  const command = new Command(name!);
  for (const argument of args) command.argument(argument);
  command.summary(definition.summary);
  // One paragraph: commander breaks its lines where the terminal ends.
  command.description((definition.description ?? sentence(definition.summary)).replaceAll('\n', ' '));
  definition.options?.(command);
  if (definition.home !== false) {
    command.option('--home <folder>', "the organisation's folder", process.env.SYMBOLON_HOME ?? defaultHome);
  }
  if (definition.served === true) serverOptions(command);
  command.option('--json', 'print one JSON value on stdout');
  const examples = definition.examples.map((line) => `  $ ${line}`).join('\n');
  command.addHelpText('after', `\nExamples:\n${examples}`);
  command.action(async () => {
    const { json = false, home = defaultHome, ...options } = command.opts<{ json?: boolean; home?: string }>();
    const { server, ca } = options as ServerOptions;
    const at = { home, ...(server === undefined ? {} : { server }), ...(ca === undefined ? {} : { ca }) };
    ending.exitCode = await perform(definition, { json, at, args: command.args, options: options as Options });
  });
  return command;
}

/** A command that only holds others. */
export function branch(name: string, summary: string, leaves: readonly Command[]): Command {
  const command = new Command(name).summary(summary).description(sentence(summary));
  for (const child of leaves) command.addCommand(child);
  return command;
}

async function perform<Options>(
  { run, endsOnSignal = false }: Leaf<Options>,
  { json, at, args, options }: { json: boolean; at: Place; args: string[]; options: Options },
): Promise<number> {
  const ui = new Ui({ json });
  const cleanup = new Cleanup();
  let interrupted = false;
  const stop = (): void => {
    // The second time, do not wait for anything.
    if (interrupted) process.exit(130);
    interrupted = true;
    ui.restore();
    cleanup.interrupt();
    if (!endsOnSignal && !cleanup.holds) void cleanup.run().then(() => process.exit(130));
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    const outcome = await run({ ui, home: at.home, at, cleanup }, args, options);
    ui.finish(outcome);
    if (!json) await outcome.afterwards?.();
    await cleanup.run();
    return interrupted && !endsOnSignal && !cleanup.holds ? 130 : (outcome.exitCode ?? 0);
  } catch (error) {
    await cleanup.run();
    if (isBrokenPipe(error)) return 0;
    if (!interrupted) return ui.fail(error);
    if (endsOnSignal) ui.say('Cancelled.');
    return 130;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

/** Whoever reads the output has read enough, as in `… | head`. */
function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}
