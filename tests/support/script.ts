import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { hosted, type Ran } from './hosted.ts';

export const root = join(import.meta.dirname, '../..');
const bin = join(root, 'apps/cli/bin/symbolon.mjs');

/** Runs `symbolon` in a folder, as a process of its own, without a terminal. @param input what is typed */
export function symbolon(
  folder: string,
  args: readonly string[],
  env: Record<string, string> = {},
  input = '',
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...args], { cwd: folder, env: { ...process.env, ...env } });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.on('error', () => undefined).end(input);
  });
}

/** The value that a command run with --json left on the last line of stdout, which must be its only one. */
export function jsonOf({ stdout, stderr }: Ran): unknown {
  const lines = stdout.trimEnd().split('\n');
  if (lines.length !== 1) throw new Error(`${lines.length} lines on stdout:\n${stdout}\n${stderr}`);
  return JSON.parse(lines[0]!);
}

interface Step {
  command: string;
  stdout: string[];
  stderr: string[];
  code: number;
}

/**
 * Plays a text script of a terminal and throws where it differs:
 *
 *     $ symbolon init fred        a command
 *     id  fred                    a line of stdout, in order
 *     ! symbolon: no such file    a line of stderr, in order
 *     [1]                         its exit code; 0 unless told
 *
 * `{name}` is replaced from `names`; `…` stands for any text within a line, a line of its own `…` (or `! …`) for any number of lines.
 * @param run `symbolon` for a process for each command, `hosted` for one process
 */
export async function play(
  folder: string,
  script: string,
  names: Record<string, string> = {},
  run: typeof hosted = hosted,
): Promise<void> {
  for (const step of parse(script.replace(/\{(\w+)\}/g, (all, name: string) => names[name] ?? all))) {
    const { command } = step;
    const ran = await run(folder, words(command).slice(1));
    const complaint = [
      ran.code === step.code ? '' : `exit code ${ran.code}, not ${step.code}`,
      differs(step.stdout, ran.stdout, 'stdout'),
      differs(step.stderr, ran.stderr, 'stderr'),
    ].filter((text) => text !== '');
    if (complaint.length > 0) {
      throw new Error(`$ ${command}\n${complaint.join('\n')}\n--- stdout\n${ran.stdout}--- stderr\n${ran.stderr}---`);
    }
  }
}

function parse(script: string): Step[] {
  const steps: Step[] = [];
  for (const raw of script.split('\n')) {
    const line = raw.trim();
    const step = steps.at(-1);
    if (line.startsWith('$ ')) steps.push({ command: line.slice(2), stdout: [], stderr: [], code: 0 });
    else if (step === undefined || line === '') continue;
    else if (/^\[\d+\]$/.test(line)) step.code = Number(line.slice(1, -1));
    else if (line.startsWith('! ')) step.stderr.push(line.slice(2));
    else step.stdout.push(line);
  }
  return steps;
}

/** Words of a command line; quotes hold one together. */
function words(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain!,
  );
}

function differs(wanted: readonly string[], text: string, stream: string): string {
  if (wanted.length === 0) return '';
  const body = wanted.map((line) => (line === '…' ? '(?:.*\\n)*?' : `\\s*${pattern(line)}\\s*\\n`)).join('');
  return new RegExp(`^(?:\\s*\\n)*${body}(?:\\s*\\n)*$`).test(`${text.trimEnd()}\n`) ? '' : `${stream} differs`;
}

function pattern(line: string): string {
  const quoted = (part: string) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+');
  return line.split('…').map(quoted).join('.*');
}
