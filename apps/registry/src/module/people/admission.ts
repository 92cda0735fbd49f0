import type { PhysicianState } from '@symbolon/consent';
import { base64url, fault } from '@symbolon/crypto';
import type { Database } from '@symbolon/service';
import type { Proven } from '../../common/logins.ts';
import type { PhysicianCertificate, PhysicianInfo } from '../../common/physicians.ts';
import type { Context } from '../context.ts';

/** Who may become what: nobody comes back who was excluded. */
const steps: Readonly<Record<PhysicianState, readonly PhysicianState[]>> = {
  waiting: ['vetted', 'excluded'],
  vetted: ['suspended', 'excluded'],
  suspended: ['vetted', 'excluded'],
  excluded: [],
};

type Needs = Pick<Context, 'home' | 'log' | 'rng' | 'now' | 'physicians' | 'outbox' | 'settings' | 'database'>;

/** Physicians' way into a registry and out of it: they apply with their card, administrators decide, the central server is told. */
export class Admission {
  readonly #context: Needs;

  constructor(context: Needs) {
    this.#context = context;
  }

  /** A health professional applies, with a card that was there; whoever is known stays what they are. */
  async apply({ module, thumbprint, certificate, installation }: Proven, name: string): Promise<PhysicianInfo> {
    const { physicians, log, rng, now } = this.#context;
    const known = await physicians.byCertificate(module, thumbprint);
    if (known !== undefined) return known;
    const id = base64url(rng(16));
    const certificates = [{ thumbprint, certificate }];
    const event = { kind: 'physician-applied', physician: id, installation, at: now().toISOString() };
    await log.append(event, async (transaction) => {
      if ((await physicians.byCertificate(module, thumbprint, transaction)) !== undefined) return;
      await physicians.keep(transaction, module, { id, name, state: 'waiting', certificates });
    });
    return (await physicians.byCertificate(module, thumbprint))!;
  }

  /** Throws `not-found`, and `conflict` for what cannot follow what the physician is; what a physician is already changes nothing. */
  async decide(id: string, state: PhysicianState, by: string): Promise<PhysicianInfo> {
    const known = await this.show(id);
    if (known.state === state) return known;
    await this.#change(id, { kind: 'physician-state', physician: id, state, by }, async (physician, transaction) => {
      if (!steps[physician.state].includes(state)) {
        throw fault('conflict', `a physician who is ${physician.state} cannot become ${state}`, { culprit: id });
      }
      return { ...physician, state, certificates: await this.#certificates(id, transaction) };
    });
    return this.show(id);
  }

  /**
   * Somebody who applied with a new card is this physician: the card's certificate is added, and the application is gone. Throws `not-found`, `conflict`.
   */
  async join(application: string, physician: string, by: string): Promise<PhysicianInfo> {
    const { physicians, home } = this.#context;
    const event = { kind: 'physician-certificate-added', physician, by };
    await this.#change(physician, event, async (known, transaction) => {
      const applied = await this.#show(application, transaction);
      if (applied.state !== 'waiting' || application === physician) {
        throw fault('conflict', `${application} is no application that waits`, { culprit: application });
      }
      if (known.state === 'excluded') throw fault('conflict', `${physician} is excluded`, { culprit: physician });
      const certificates = await this.#certificates(application, transaction);
      await physicians.keep(transaction, home.card.id, { ...applied, state: 'excluded', certificates: [] });
      return { ...known, certificates: [...(await this.#certificates(physician, transaction)), ...certificates] };
    });
    return this.show(physician);
  }

  /** A certificate counts no more: the card is lost or replaced. Throws `not-found`. */
  async drop(physician: string, thumbprint: string, by: string): Promise<void> {
    const event = { kind: 'physician-certificate-dropped', physician, by };
    await this.#change(physician, event, async (known, transaction) => {
      const all = await this.#certificates(physician, transaction);
      const certificates = all.filter((one) => one.thumbprint !== thumbprint);
      if (certificates.length < all.length) return { ...known, certificates };
      throw fault('not-found', `${physician} has no such certificate`, { culprit: 'thumbprint' });
    });
  }

  /** Throws `not-found`. */
  async show(id: string): Promise<PhysicianInfo> {
    return this.#show(id, this.#context.database);
  }

  async #show(id: string, within: Database): Promise<PhysicianInfo> {
    const { physicians, home } = this.#context;
    const found = await physicians.find(home.card.id, id, within);
    if (found !== undefined) return found;
    throw fault('not-found', `there is no physician ${id}`, { culprit: 'physician' });
  }

  #certificates(id: string, within: Database): Promise<PhysicianCertificate[]> {
    return this.#context.physicians.certificates(this.#context.home.card.id, id, within);
  }

  async #change(
    id: string,
    event: { readonly kind: string; readonly [field: string]: unknown },
    change: (
      physician: PhysicianInfo,
      transaction: Database,
    ) => Promise<PhysicianInfo & { readonly certificates: readonly PhysicianCertificate[] }>,
  ): Promise<void> {
    const { log, now, physicians, home, outbox, settings } = this.#context;
    await log.append({ ...event, at: now().toISOString() }, async (transaction) => {
      const changed = await change(await this.#show(id, transaction), transaction);
      await physicians.keep(transaction, home.card.id, changed);
      const certificates = changed.certificates.map(({ thumbprint }) => thumbprint);
      const said = { about: 'physician', physician: id, state: changed.state, certificates };
      await outbox.write(transaction, settings.centre, said, { urgent: true, concerns: [`physician ${id}`] });
    });
    outbox.wake(settings.centre);
  }
}
