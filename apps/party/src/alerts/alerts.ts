import type { Card } from '@symbolon/agreement';
import type { Route } from '@symbolon/service';
import type { PartyContext } from '../context.ts';
import { Delivery } from './delivery.ts';
import { Escalation } from './escalation.ts';
import { Follower } from './follow.ts';
import { Hooks } from './hooks.ts';
import { AlertReceiver } from './receive.ts';
import { alertPeerRoutes } from './routes.ts';
import { AlertSender } from './sender.ts';

/** What a server does about alerts, while it runs. */
export class Alerts {
  /** To partners: woken when messages for one were committed. */
  readonly delivery: Delivery;
  /** Takes events in. */
  readonly sender: AlertSender;
  /** Of partners: what can be asked of this server. */
  readonly routes: Route<Card>[];
  /** What came, as it comes. */
  readonly follower: Follower;
  readonly #escalation: Escalation;
  readonly #hooks: Hooks;

  /** Throws `config-invalid`. @param environment of the process: secrets stand there */
  constructor(context: PartyContext, environment: Readonly<Record<string, string | undefined>>) {
    const settings = context.settings.alerts.hooks;
    const hooks = settings.map(({ name }) => name);
    this.delivery = new Delivery(context);
    this.sender = new AlertSender(context, (partner) => this.delivery.wake(partner));
    this.follower = new Follower(context);
    this.#hooks = new Hooks(context, settings, environment);
    this.#escalation = new Escalation(context, { hooks, raised: () => this.#hooks.wake() });
    this.routes = alertPeerRoutes(context, new AlertReceiver(context, { hooks, kept: () => this.#kept() }));
  }

  /** Goes on with what waits, and begins to listen. Throws `config-invalid`. */
  async start(): Promise<void> {
    this.delivery.start();
    this.#hooks.wake();
    this.#escalation.wake();
    await this.sender.start();
  }

  async close(): Promise<void> {
    await this.sender.close();
    await Promise.all([this.delivery.close(), this.#hooks.close(), this.#escalation.close()]);
  }

  #kept(): void {
    this.follower.wake();
    this.#hooks.wake();
    this.#escalation.wake();
  }
}
