/*
 * The manners of the `symbolon` command:
 *
 * - Results go to stdout; everything that is said about them goes to stderr. `symbolon … > file` gives a clean file.
 * - With --json, stdout holds exactly one JSON value, on its last line; a failure is `{"error":{code, message, culprit, hint}}`.
 * - Colours only where the stream is a terminal, and not if NO_COLOR is set.
 * - An error says what happened, who or what is at fault, which rule failed, and what to do. Exit code 1; 2 if the command
 *   itself was mistyped; 130 after Ctrl-C.
 * - Ctrl-C leaves nothing behind: child processes are stopped by their id, temporary folders removed (`cleanup.ts`).
 * - Words of other organisations end up on this terminal: control characters in them are never passed on.
 */
import { errorCodes, SymbolonError } from '@symbolon/crypto';
import Table from 'cli-table3';
import pico from 'picocolors';

/** What a command gives back: a value for programs, and the same in words for people. */
export interface Outcome {
  readonly json: unknown;
  /** Printed on stdout unless --json is given; nothing if absent. */
  readonly text?: string;
  /** What comes after the result has been printed: advice, a question. Not with --json. */
  readonly afterwards?: () => Promise<void> | void;
  /** Exit code; 0 unless told. A command that found a fault in what it looked at gives 1. */
  readonly exitCode?: number;
}

/** The streams that a command writes to. */
export interface Streams {
  stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  stderr: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
}

/** A mistyped command, option or argument. */
export class UsageError extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** Talks to the person at the terminal. */
export class Ui {
  readonly json: boolean;
  /** Whether a person watches what is said. */
  readonly interactive: boolean;
  /** Colours for what is said (stderr) and for results (stdout). */
  readonly talk: ReturnType<typeof pico.createColors>;
  readonly ink: ReturnType<typeof pico.createColors>;
  readonly #streams: Streams;
  #blank = true;

  constructor({ json = false, streams = process as Streams, env = process.env } = {}) {
    this.json = json;
    this.#streams = streams;
    const colour = (stream: { isTTY?: boolean }) => stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
    this.talk = pico.createColors(colour(streams.stderr));
    this.ink = pico.createColors(colour(streams.stdout));
    this.interactive = streams.stderr.isTTY === true && !env.CI;
  }

  /** A line about what is going on. */
  say(line = ''): void {
    this.#streams.stderr.write(`${line}\n`);
    this.#blank = line === '';
  }

  /** An empty line, unless the last one is. */
  gap(): void {
    if (!this.#blank) this.say();
  }

  /** Gives the terminal back as it was: a spinner hides the cursor. */
  restore(): void {
    if (this.interactive) this.#streams.stderr.write('\u001b[?25h\n');
  }

  /** Another has written a line to stderr. */
  drawn(): void {
    this.#blank = false;
  }

  /** A quieter line. */
  note(line: string): void {
    this.say(this.talk.dim(line));
  }

  /** Ends a command: prints its outcome, once. */
  finish({ json, text }: Outcome): void {
    if (this.json) this.#streams.stdout.write(`${toJson(json)}\n`);
    else if (text !== undefined && text !== '') this.#streams.stdout.write(`${text}\n`);
    this.#blank = false;
  }

  /** Prints an error as people and programs need it, and returns the exit code. */
  fail(error: unknown): number {
    const { lines, json, exitCode } = describe(error);
    const [first, ...rest] = lines;
    this.say(`${this.talk.red('symbolon:')} ${first![1]}`);
    for (const [label, text] of rest) this.say(`  ${this.talk.dim(label.padEnd(5))} ${text}`);
    if (this.json) this.#streams.stdout.write(`${toJson({ error: json })}\n`);
    return exitCode;
  }
}

interface Described {
  lines: [label: string, text: string][];
  json: { code: string; message: string; culprit: string | null; hint: string | null };
  exitCode: number;
}

function describe(error: unknown): Described {
  if (error instanceof SymbolonError) {
    const [message, hint] = [printable(error.message), printable(error.hint)];
    const culprit = error.culprit === undefined ? null : printable(error.culprit);
    const rule = errorCodes[error.code].meaning;
    const lines: Described['lines'] = [['', message]];
    if (culprit !== null && !message.startsWith(culprit)) lines.push(['who', culprit]);
    lines.push(['rule', `${error.code}: ${rule}`], ['do', hint]);
    return { lines, json: { code: error.code, message, culprit, hint }, exitCode: 1 };
  }
  if (error instanceof UsageError) {
    const hint = error.hint ?? null;
    const lines: Described['lines'] = [['', error.message]];
    if (hint !== null) lines.push(['do', hint]);
    return { lines, json: { code: 'usage', message: error.message, culprit: null, hint }, exitCode: 2 };
  }
  const system = systemError(error);
  if (system !== undefined) return system;
  const message = error instanceof Error ? error.message : String(error);
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  const hint = 'This is a fault of Symbolon. Please report it with these lines.';
  const at = frames.slice(0, 4).map((line): [string, string] => ['at', line.trim().slice(3)]);
  return {
    lines: [['', printable(message)], ...at, ['do', hint]],
    json: { code: 'internal', message: printable(message), culprit: null, hint },
    exitCode: 1,
  };
}

const systemHints: Record<string, string> = {
  ENOENT: 'Check the path.',
  EACCES: 'Check the permissions of this path.',
  EISDIR: 'Name a file, not a folder.',
  EEXIST: 'Name another file, or remove this one.',
  ENOSPC: 'Free some disk space.',
  EADDRINUSE: 'Another program listens there: stop it, or set another port in symbolon.json.',
};

/** Errors of the operating system, in words. */
function systemError(error: unknown): Described | undefined {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return undefined;
  const code = String(error.code);
  const path = 'path' in error ? String(error.path) : null;
  const message = error.message.replace(/^E[A-Z]+: /, '').replace(/, \w+ '.*'$/, path === null ? '' : `: ${path}`);
  const hint = systemHints[code] ?? 'Check the path and its permissions.';
  return {
    lines: [
      ['', printable(message)],
      ['do', hint],
    ],
    json: { code, message: printable(message), culprit: path, hint },
    exitCode: 1,
  };
}

/** Text that cannot steer a terminal. */
export function printable(text: string): string {
  return text.replace(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/gu, '\ufffd');
}

/** One line of JSON. Big integers become numbers where they are safe, else text. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => {
    if (typeof item !== 'bigint') return item;
    return item >= Number.MIN_SAFE_INTEGER && item <= Number.MAX_SAFE_INTEGER ? Number(item) : String(item);
  });
}

/** Rows under a head, in columns; without lines, so that it can be cut and pasted. */
export function table(head: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const none = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '' };
  const sides = { 'bottom-left': '', 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '' };
  const grid = new Table({
    chars: { ...none, ...sides, right: '', 'right-mid': '', middle: '  ' },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    head: head.map((name) => name.toUpperCase()),
  });
  for (const row of rows)
    grid.push(row.map((cell) => (cell === null || cell === undefined ? '' : printable(String(cell)))));
  return grid
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Names and values. A value of several lines stays in its column: a partner's rule must not look like a fact of its own. */
export function facts(rows: readonly (readonly [name: string, value: unknown])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  const value = (text: string) => printable(text).replaceAll('\n', `\n${' '.repeat(width + 2)}`);
  return rows.map(([name, text]) => `${name.padEnd(width)}  ${value(String(text))}`).join('\n');
}

/** `12.3 MB` */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let [value, unit] = [count, 0];
  while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}

/** `5,000` */
export function number(value: number): string {
  return value.toLocaleString('en-US');
}

/** `1 row`, `2 rows` */
export function counted(count: number, what: string): string {
  return `${number(count)} ${what}${count === 1 ? '' : 's'}`;
}

/** `97.3 %`; of nothing, a dash. */
export function percent(share: number | null): string {
  return share === null ? '–' : `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;
}
