import { createLogger, openHome, recoverStore, type StoreSurvey, type Testimony } from '@symbolon/service';
import type { Leaf } from '../command.ts';
import { number, table, type Ui, UsageError } from '../ui.ts';

interface Options {
  offline?: boolean;
  yes?: boolean;
}

/** `symbolon store recover`. */
export const recover: Leaf<Options> = {
  name: 'recover',
  summary: 'go on with a database that was put back to an older state: open a new epoch of the log',
  description:
    'A server does not start on a database that is older than what a partner has seen of its log. Restore the newest backup if you have\n' +
    'it. If not, this opens a new epoch: the log begins anew, and its first entry names what everybody last held of the old one; partners\n' +
    'see that and log it. Unfinished runs have failed, and of every agreement known here no run is left: sign successors. The server\n' +
    'must be stopped, and all partners must be reachable.',
  examples: ['symbolon store recover', 'symbolon store recover --yes --home /srv/symbolon --json'],
  options: (command) =>
    command
      .option('--offline', 'go on although some partner cannot be asked what it holds')
      .option('--yes', 'do not ask for confirmation'),
  run: async ({ ui, home: homePath }, _, { offline = false, yes = false }) => {
    const { config } = openHome(homePath);
    const recoverHome = config.role === 'party' ? (await import('@symbolon/party')).recoverParty : recoverStore;
    const survey = await recoverHome({
      homePath,
      logger: createLogger(config),
      now: () => new Date(),
      offline,
      confirm: async (found) => {
        describe(ui, found);
        return yes || confirmed(ui, found);
      },
    });
    if (survey === undefined) {
      ui.say('Nothing was changed.');
      return { json: null, exitCode: 1 };
    }
    const { epoch, own, witnesses } = survey;
    const rows = witnesses.map((one) => [one.witness, holding(one)]);
    ui.say(
      `${ui.talk.green('✔')} Epoch ${epoch} of the log is open. Start the server, and sign successors of your agreements.`,
    );
    return { json: { epoch, before: own, witnesses: witnesses.map(plain) }, text: table(['partner', 'holds'], rows) };
  },
};

function describe(ui: Ui, { own, epoch }: StoreSurvey): void {
  ui.say(`This database has ${entries(own.size)} of epoch ${own.epoch} of the log. Epoch ${epoch} is next.`);
}

async function confirmed(ui: Ui, { epoch, witnesses }: StoreSurvey): Promise<boolean> {
  if (!ui.interactive) {
    throw new UsageError('nobody confirmed that a new epoch is to be opened', 'Give --yes, or run this on a terminal.');
  }
  for (const one of witnesses) ui.say(`${one.witness}: ${holding(one)}`);
  ui.say('What the database has forgotten is lost, and no agreement known here allows another run.');
  const { confirm } = await import('@clack/prompts');
  // Ctrl-C gives a symbol: no.
  return (await confirm({ message: `Open epoch ${epoch}?`, initialValue: false, output: process.stderr })) === true;
}

function holding(testimony: Testimony): string {
  if (testimony.state !== 'holds') return testimony.state === 'nothing' ? 'nothing' : 'unknown';
  const { epoch, size } = testimony.checkpoint;
  return `${entries(size)} of epoch ${epoch}`;
}

function entries(count: number): string {
  return `${number(count)} ${count === 1 ? 'entry' : 'entries'}`;
}

function plain(testimony: Testimony): object {
  const { witness: id, state } = testimony;
  if (testimony.state !== 'holds') return { id, state };
  const { epoch, size } = testimony.checkpoint;
  return { id, state, epoch, size };
}
