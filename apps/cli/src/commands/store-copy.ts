import { copyStore, createLogger, openHome } from '@symbolon/service';
import type { Leaf } from '../command.ts';
import { number, table, UsageError } from '../ui.ts';

interface Options {
  to?: string;
}

/** `symbolon store copy`. */
export const copy: Leaf<Options> = {
  name: 'copy',
  summary: 'copy the embedded database into PostgreSQL',
  description:
    'Copies all tables in one transaction, compares them with the embedded database, rows and roots of the log, and renames its file, so\n' +
    'that no server uses it by mistake. The server must be stopped. Afterwards DATABASE_URL says where the database is, to the server\n' +
    'and to these commands. Other users of this machine may see the URL of --to; that of DATABASE_URL they do not.',
  examples: [
    'DATABASE_URL=postgres://… symbolon store copy',
    'symbolon store copy --to postgres://symbolon@127.0.0.1/symbolon',
  ],
  options: (command) => command.option('--to <url>', 'the PostgreSQL database; what DATABASE_URL names, if absent'),
  run: async ({ ui, home: homePath }, _, { to }) => {
    const { config } = openHome(homePath);
    const variable = typeof config.database === 'object' ? config.database.environment : 'DATABASE_URL';
    const url = to ?? process.env[variable];
    if (url === undefined || url === '') {
      throw new UsageError('nobody said where the database is to go', `Set ${variable} to its URL, or give --to.`);
    }
    const { tables, log, namespace, kept } = await copyStore({
      homePath,
      to: { url, variable: to === undefined ? variable : '--to' },
      logger: createLogger(config),
      now: () => new Date(),
    });
    const used = Object.entries(tables).filter(([, rows]) => rows > 0);
    const rows = used.map(([name, count]) => [name, number(count)]);
    const roots = log.map(({ epoch, size, root }) => [`log, epoch ${epoch}`, `${number(size)}, root ${root}`]);
    ui.say(`${ui.talk.green('✔')} The database is in PostgreSQL, schema ${namespace}, and equal to the embedded one.`);
    ui.say(`Its file is ${kept} now. Set ${variable} wherever the server and these commands run.`);
    return { json: { tables, log, schema: namespace, kept }, text: table(['table', 'rows'], [...rows, ...roots]) };
  },
};
