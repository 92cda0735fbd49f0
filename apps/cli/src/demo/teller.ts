import type { Ui } from '../ui.ts';

const width = 100;

/** Tells a story on stderr: numbered scenes, paragraphs broken at a readable width, and exhibits that stand as they are. */
export class Teller {
  readonly #ui: Ui;
  #scene = 0;

  constructor(ui: Ui) {
    this.#ui = ui;
  }

  title(text: string): void {
    this.#ui.say(this.#ui.talk.bold(text));
  }

  scene(heading: string): void {
    this.#scene++;
    this.#ui.gap();
    this.#ui.say(this.#ui.talk.bold(this.#ui.talk.cyan(`${this.#scene}  ${heading}`)));
  }

  /** Words to the reader. */
  tell(text: string): void {
    for (const line of wrap(text, width)) this.#ui.say(`   ${line}`);
  }

  /** Something to look at: printed as it is, set off. */
  show(text: string): void {
    this.#ui.gap();
    for (const line of text.split('\n')) this.#ui.say(`     ${line}`.trimEnd());
    this.#ui.gap();
  }
}

function wrap(text: string, most: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > most) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
