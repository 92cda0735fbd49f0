import type { Command } from 'commander';

/** Which server a command asks: the one of the organisation's folder, or one that is named. */
export interface ServerOptions {
  readonly server?: string;
  /** Certificate to trust beside those that everybody trusts, PEM. */
  readonly ca?: string;
}

/** Adds the options that name a server. */
export function serverOptions(command: Command): Command {
  return command
    .option('--server <url>', 'a server to ask as a user, like https://fred.example:8443; else that of the folder')
    .option('--ca <file>', 'certificate (PEM) to trust beside those that everybody trusts: that of the organisation');
}

/** Where a command works: on an organisation's folder, or on a server that was named. */
export interface Place extends ServerOptions {
  readonly home: string;
}
