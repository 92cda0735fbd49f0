import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { OrganisationRole } from '@symbolon/agreement';
import { createHome, type Home, type NewHome } from '@symbolon/service';
import type { Cleanup } from '../cleanup.ts';
import { heldCheckpoints, verifyHome } from '../verify-log.ts';
import { type RoleProcess, startRole, type Usage } from './role-process.ts';

/** An organisation or a key service of a rehearsal: its id and its name. A workstation is a client: it has a folder, and no server. */
export interface Member {
  readonly id: string;
  readonly name: string;
  readonly role: OrganisationRole;
}

/**
 * Organisations and a key service on this machine, each a process and a folder of its own, doing what real ones do. Everything is stopped by
 * `cleanup`.
 */
export class Troupe<Role extends string> {
  /** Folders, once they are made. */
  readonly homes = {} as Record<Role, string>;
  readonly #members: Readonly<Record<Role, Member>>;
  readonly #folder: string;
  readonly #cleanup: Cleanup;
  readonly #processes = new Map<Role, RoleProcess>();

  /** @param folder where their folders are made */
  constructor(members: Readonly<Record<Role, Member>>, folder: string, cleanup: Cleanup) {
    this.#members = members;
    this.#folder = folder;
    this.#cleanup = cleanup;
  }

  get roles(): readonly Role[] {
    return Object.keys(this.#members) as Role[];
  }

  /** Each makes its keys and certificate. @param settings of those that have any: see `symbolon.json`'s `settings` */
  async makeHomes(settings: Partial<Record<Role, NewHome['settings']>> = {}): Promise<Record<Role, Home>> {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const homes = {} as Record<Role, Home>;
    for (const member of this.roles) {
      const { id, name, role } = this.#members[member];
      const path = join(this.#folder, id);
      this.homes[member] = path;
      homes[member] = await createHome({
        path,
        id,
        name,
        role,
        host: '127.0.0.1',
        port: 0,
        database: 'embedded',
        ...(settings[member] === undefined ? {} : { settings: settings[member] }),
        now: () => new Date(),
      });
    }
    return homes;
  }

  /** Each takes the cards of all others. Here nobody can exchange one on its way, so nobody compares fingerprints. */
  exchangeCards(homes: Record<Role, Home>): void {
    for (const role of this.roles) {
      for (const other of this.roles) if (other !== role) homes[role].partners.add(homes[other].cardFile);
    }
  }

  /** Starts all servers, as processes of their own. */
  async start(): Promise<void> {
    await Promise.all(this.#serving().map((member) => this.startOne(member)));
  }

  /** Starts one, the first time or after it was {@link kill}ed. */
  async startOne(member: Role): Promise<void> {
    const { id, role } = this.#members[member];
    if (role === 'workstation') throw new RangeError(`${id} is no server`);
    const kind = role === 'keyservice' ? 'keys' : role;
    const home = this.homes[member];
    this.#processes.set(member, await startRole({ name: id, role: kind, home, cleanup: this.#cleanup }));
  }

  /** Ends one at once, whatever it does (SIGKILL). */
  async kill(member: Role): Promise<void> {
    await this.#processes.get(member)?.kill();
  }

  /** Process id of one that runs. */
  pidOf(member: Role): number {
    return this.#processes.get(member)!.pid;
  }

  /** Whether one runs: it was started, and has not ended. */
  isRunning(member: Role): boolean {
    return this.#processes.get(member)?.running === true;
  }

  /** Every role verifies its own log, against the checkpoints that the others have been shown of it too. */
  async audit(): Promise<boolean> {
    const serving = this.#serving();
    for (const role of serving) {
      const { id } = this.#members[role];
      const others = serving.filter((other) => other !== role);
      const held = await Promise.all(others.map((other) => heldCheckpoints(this.homes[other], id)));
      const { ok } = await verifyHome(this.homes[role], held.flat());
      if (!ok) return false;
    }
    return true;
  }

  #serving(): readonly Role[] {
    return this.roles.filter((role) => this.#members[role].role !== 'workstation');
  }

  /** Stops the servers; what each used. */
  async stop(): Promise<Partial<Record<Role, Usage>>> {
    const used: Partial<Record<Role, Usage>> = {};
    for (const [role, process] of this.#processes) {
      const usage = await process.stop();
      if (usage !== undefined) used[role] = usage;
    }
    return used;
  }
}
