import { fault } from '@symbolon/crypto';
import type { Context, Leaf } from '../command.ts';
import { background, bringUp, type Kept, takeDown } from '../demo/background.ts';
import { beginText, loginsJson, loginsText } from '../demo/logins.ts';
import { rule, tellStory } from '../demo/story.ts';
import { Teller } from '../demo/teller.ts';
import { tellWorld } from '../demo/world.ts';
import { progressFor } from '../progress.ts';
import { type LinkReport, reportFacts } from '../rehearsal/report.ts';
import { bytes, number, type Outcome, table, UsageError } from '../ui.ts';

/** `symbolon demo`. */
export const demo: Leaf<{ once?: boolean }> = {
  name: 'demo [action]',
  summary: "Fred's Health Insurance and Sally's EHR find the patients they share, on made-up people",
  description:
    "The whole story on this machine: Fred's Health Insurance and Sally's EHR find the patients they share, on made-up people.\n" +
    'Three servers, each a process and a folder of its own, over mutual TLS; half a minute. Then their pages, and those of a research institute, can be\n' +
    'opened in a browser, until Ctrl-C. Leaves nothing behind. `up` keeps all of it in the background, `status` says where, `down` ends it.',
  examples: ['symbolon demo', 'symbolon demo --once --json', 'symbolon demo up', 'symbolon demo down'],
  home: false,
  options: (command) => command.option('--once', 'the story alone; ends by itself'),
  run: async (context, [action], { once = false }) => {
    if (action === undefined) return once || context.ui.json ? story(context) : storyAndPages(context);
    const chosen = actions[action];
    if (chosen !== undefined && !once) return chosen(context);
    throw new UsageError(
      once ? 'with --once, the demo ends by itself' : `the demo knows no '${action}'`,
      `Write one of: ${['demo', ...Object.keys(actions).map((name) => `demo ${name}`)].join(', ')}.`,
    );
  },
};

const actions: Readonly<Record<string, (context: Context) => Promise<Outcome>>> = { up, status, down };

async function story({ ui, cleanup }: Context): Promise<Outcome> {
  const folder = cleanup.temporaryFolder('symbolon-').path;
  const { report } = await tellStory({ ui, cleanup, folder });
  return {
    ...outcomeOf(report),
    afterwards: () => {
      ui.gap();
      new Teller(ui).tell(inEarnest);
      ui.gap();
      ui.say('Next, with two files of yours:');
      ui.say(`  npm run symbolon -- rehearse link --left A.csv --right B.csv --rule "${rule}"`);
    },
  };
}

const inEarnest =
  'Only simulated: one machine ran all three roles here, so whoever owns it could read everything. In earnest each runs ' +
  'its own, and the key service is one that colludes with neither.';

async function storyAndPages({ ui, cleanup }: Context): Promise<Outcome> {
  const folder = cleanup.temporaryFolder('symbolon-').path;
  const world = await tellWorld({ ui, cleanup, folder });
  return {
    ...outcomeOf(world.report),
    afterwards: async () => {
      const teller = new Teller(ui);
      ui.gap();
      teller.tell(inEarnest);
      ui.gap();
      teller.title('Now look around yourself, in a browser');
      const opened = await world.open(progressFor(ui));
      teller.show(loginsText(opened.demo));
      teller.tell(`${beginText(opened.demo)} Ctrl-C here ends everything, and leaves nothing behind.`);
      await cleanup.hold();
      ui.gap();
      ui.say('The servers stop.');
    },
  };
}

function outcomeOf(report: LinkReport): Pick<Outcome, 'exitCode' | 'json' | 'text'> {
  return { json: report, text: ending(report), exitCode: report.equalsClear && report.auditVerified ? 0 : 1 };
}

async function up({ ui, cleanup }: Context): Promise<Outcome> {
  const there = await background('restart');
  if (there === 'starting') {
    throw fault('conflict', 'the demo is being brought up', { hint: 'Ask in a minute: symbolon demo status' });
  }
  if (typeof there === 'object') {
    ui.say('The demo is up already.');
    return shown(there);
  }
  const progress = progressFor(ui);
  const kept = await progress.step('The demo is brought up, in half a minute', (update) =>
    bringUp(update, cleanup.signal),
  );
  return shown(kept, 'It stays up until `npm run demo -- down`.');
}

async function status({ ui }: Context): Promise<Outcome> {
  const there = await background('status');
  if (typeof there === 'object') return shown(there);
  const states = {
    starting: 'The demo is being brought up.',
    gone: 'The demo has ended without being taken down. `npm run demo -- up` brings up another, `down` clears away what is left.',
    none: 'The demo is not up. `npm run demo -- up` brings it up.',
  };
  const state = there ?? 'none';
  ui.say(states[state]);
  return { json: { state }, exitCode: 1 };
}

async function down({ ui }: Context): Promise<Outcome> {
  const was = await takeDown();
  ui.say(was ? 'The demo is down, and nothing of it is left.' : 'The demo was not up.');
  return { json: { state: 'none', was } };
}

function shown({ demo: told, stopped }: Kept, more?: string): Outcome {
  const broken =
    stopped.length === 0
      ? []
      : [`Stopped by itself: ${stopped.join(', ')}. \`npm run demo -- up\` starts what has stopped.`];
  return {
    json: { state: 'up', ...loginsJson(told), stopped },
    text: [loginsText(told), ...broken, beginText(told), ...(more === undefined ? [] : [more])].join('\n\n'),
    exitCode: stopped.length === 0 ? 0 : 1,
  };
}

function ending(report: LinkReport): string {
  const pairs = `which ${number(report.matches)} pairs of rows match`;
  const sent = (role: string) => bytes(report.bytes[role]!);
  const rows = [
    ['fred', sent('fred'), `${pairs}, and that Sally has ${number(report.right)} rows`],
    ['sally', sent('sally'), `${pairs}, and that Fred has ${number(report.left)} rows`],
    ['keys', sent('keys'), 'who ran what shape of rule on how many rows, and when; no data, no result'],
  ];
  return `${reportFacts(report, 'generator')}\n\n${table(['role', 'sent', 'learned'], rows)}`;
}
