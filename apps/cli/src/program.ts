import { Command, CommanderError } from 'commander';
import { branch, type Ending, leaf } from './command.ts';
import { hashesAreNoOptions } from './dashes.ts';
import { entries } from './entries.ts';
import { Ui, UsageError } from './ui.ts';

/** Runs one command line; resolves to the exit code. */
export async function run(typed: readonly string[]): Promise<number> {
  const ending: Ending = { exitCode: 0 };
  const program = await build(typed, ending);
  const argv = helpLast(typed, program);
  try {
    await program.parseAsync(hashesAreNoOptions(argv, program), { from: 'user' });
    return ending.exitCode;
  } catch (error) {
    const ui = new Ui({ json: argv.includes('--json') });
    if (!(error instanceof CommanderError)) return ui.fail(error);
    if (error.exitCode === 0) return 0;
    // A command that only holds others prints its help; commander calls that an error.
    if (error.code === 'commander.help') return 2;
    return ui.fail(usage(error, argv, program));
  }
}

async function build(argv: readonly string[], ending: Ending): Promise<Command> {
  const program = new Command('symbolon')
    .description(
      'Organisations find the patients they share and ask about them together, without showing each other a record.',
    )
    .version('0.1.0', '-V, --version')
    .helpCommand('help [command]', 'help for a command')
    .addHelpText('after', '\nStart with:\n  $ symbolon demo\n  $ symbolon e-coaching');
  const asked = argv.find((word) => !word.startsWith('-') && word !== 'help');
  for (const { name, summary, group, load } of entries) {
    const loaded = name === asked ? await load((definition) => leaf(definition, ending)) : [];
    const command = Array.isArray(loaded) ? branch(name, summary, loaded) : loaded;
    program.addCommand(command.helpGroup(group));
  }
  for (const command of everyCommand(program)) {
    // Errors are printed once, by Ui.fail.
    command.exitOverride().configureOutput({ outputError: () => undefined });
  }
  return program;
}

/**
 * `help link run` and `link help run` mean `link run --help`. Of a command that is not there, no help is asked: commander would print that
 * of the command above, without a word about the mistake.
 */
function helpLast(argv: readonly string[], program: Command): string[] {
  const words = [...argv];
  const [first] = words;
  const at = first !== undefined && isBranch(find(program, first)) ? 1 : 0;
  if (words[at] === 'help') words.push(...words.splice(at, 1).map(() => '--help'));
  return namesCommand(words, program) ? words : words.filter((word) => word !== '--help' && word !== '-h');
}

/** Whether the words up to the first option name a command. */
function namesCommand([word, ...rest]: readonly string[], command: Command): boolean {
  if (word === undefined || word.startsWith('-') || !isBranch(command)) return true;
  const child = find(command, word);
  return child !== undefined && namesCommand(rest, child);
}

function find(command: Command, name: string): Command | undefined {
  return command.commands.find((child) => child.name() === name);
}

function isBranch(command: Command | undefined): command is Command {
  return command !== undefined && command.commands.length > 0;
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap((child) => everyCommand(child))];
}

function usage(error: CommanderError, argv: readonly string[], program: Command): UsageError {
  const [message, suggestion] = error.message.replace(/^error: /, '').split('\n');
  const near = /Did you mean (.*)\?\)$/.exec(suggestion ?? '')?.[1];
  const first = find(program, argv[0] ?? '');
  const second = first && find(first, argv[1] ?? '');
  const known = [first, second].flatMap((command) => (command === undefined ? [] : [command.name()]));
  const help = `See: ${['symbolon', ...known, '--help'].join(' ')}`;
  return new UsageError(message!, near === undefined ? help : `Did you mean ${near}? ${help}`);
}
