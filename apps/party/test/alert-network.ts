import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Agreement, agreementHash, cosignAgreement, signAgreement } from '@symbolon/agreement';
import { type AlertMessage, signMessage } from '@symbolon/alerts';
import { base64url, documentBytes, type SigningKey, systemRng } from '@symbolon/crypto';
import { enqueue } from '../src/alerts/outbox.ts';
import { AlertReceiver } from '../src/alerts/receive.ts';
import { openContext, type PartyContext } from '../src/context.ts';
import { agree, quiet, type TestNetwork, testNetwork } from './network.ts';

/** Sally tells Fred of admissions of shared patients. */
export const admissions: NonNullable<Agreement['alerts']>[number] = {
  name: 'admissions',
  from: 'sally',
  to: 'fred',
  events: [
    {
      name: 'heart-failure',
      description: 'Admitted with heart failure',
      when: { valueSet: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', codes: ['I50.1', 'I50.9'] }] },
    },
  ],
  message: ['code'],
  mergeMinutes: 60,
  linkDays: 30,
  escalateMinutes: 60,
};

/** A network, an agreement with alerts that both have signed and have, and a link that both know as done. */
export interface AlertNetwork extends TestNetwork {
  readonly agreement: string;
  /** The attempt. */
  readonly link: string;
  /** Signs another agreement, and has both keep it. @returns its hash */
  alsoAgree(change: (agreement: Agreement) => Agreement): Promise<string>;
  /** A message of Sally's, as the agreement lets her send it. */
  message(change?: Partial<AlertMessage>): AlertMessage;
}

// Numbers in the link of Fred's rows (M-100, M-104, M-103, M-102) and of Sally's.
const pairs = { row: [0, 4, 3, 2], a: [7, 3, 9, 2], b: [4, 5, 0, 1] };
const keys = { fred: ['M-100', 'M-104', 'M-103', 'M-102'], sally: ['P1', 'P4', 'P5', 'P6'] };
/** Which row of Fred's, by its number in the link, is whose. */
export const numberOf = { 'M-100': 7, 'M-104': 3, 'M-103': 9, 'M-102': 2 };

export async function alertNetwork(alert: Partial<typeof admissions> = {}): Promise<AlertNetwork> {
  const network = await testNetwork();
  const draft = await agree(network, { signed: false });
  const { agreement: plain } = await network.fred(({ agreements }) => agreements.show(draft));
  await network.fred(({ agreements }) => agreements.discard(draft));
  const keep = async (agreement: Agreement): Promise<string> => {
    const file = documentBytes(
      cosignAgreement(signAgreement(agreement, network.homes.fred.signingKey), network.homes.sally.signingKey),
    );
    for (const side of [network.fred, network.sally]) await side(({ agreements }) => agreements.receive(file));
    const hash = agreementHash(agreement);
    await network.sally(({ agreements }) => agreements.approve(hash, 'alerts'));
    return hash;
  };
  const agreed: Agreement = { ...plain, alerts: [{ ...admissions, ...alert }] };
  const agreement = await keep(agreed);
  const link = base64url(systemRng(32));
  for (const id of ['fred', 'sally'] as const) {
    await within(network, id, (context) => finish(context, { agreement, link, key: keys[id] }));
  }
  return {
    ...network,
    ...{ agreement, link },
    alsoAgree: (change) => keep(change(agreed)),
    message: (change = {}) => ({
      id: base64url(systemRng(16)),
      from: 'sally',
      to: 'fred',
      agreement,
      alert: 'admissions',
      event: 'heart-failure',
      kind: 'Encounter',
      link,
      rows: [numberOf['M-104']],
      time: new Date(Date.now() - 60_000).toISOString(),
      sentAt: new Date().toISOString(),
      facility: 'General Hospital',
      ...change,
    }),
  };
}

/** Opens an organisation's folder for a while. */
export async function within<T>(
  network: TestNetwork,
  id: 'fred' | 'sally',
  work: (context: PartyContext) => Promise<T>,
  now?: () => Date,
): Promise<T> {
  const context = await openContext(network.homes[id].path, { logger: quiet, now });
  try {
    return await work(context);
  } finally {
    await context.close();
  }
}

/** Keeps a link as done, and as logged. */
export async function finish(
  { runs, database }: PartyContext,
  { agreement, link, key }: { agreement: string; link: string; key: readonly string[] },
): Promise<number> {
  const run = await runs.start(agreement, link);
  await runs.done(run, {
    pages: [JSON.stringify({ ...pairs, key })],
    statement: new Uint8Array(1),
    keeping: async () => undefined,
    details: () => ({ rows: { a: 5, b: 6 }, matches: pairs.row.length }) as never,
  });
  await runs.logged(database, run, 1, 0);
  return run;
}

/** Puts messages into Sally's outbox, as her intake does. */
export async function outgoing(
  { database, now }: Pick<PartyContext, 'database' | 'now'>,
  key: SigningKey,
  messages: readonly AlertMessage[],
): Promise<void> {
  const taken_at = now().toISOString();
  await database.transaction().execute((transaction) =>
    enqueue(
      transaction,
      messages.map((message) => ({
        ...{ id: message.id, partner: message.to, agreement: message.agreement, alert: message.alert },
        ...{ subject: '', link: message.link, retracts: message.retracts ?? null },
        ...{ class: message.event, document: signMessage(message, key), event_at: message.time, taken_at },
      })),
    ),
  );
}

/** Has Fred take messages of Sally's in, as his server does. */
export async function arrive(network: AlertNetwork, messages: readonly AlertMessage[]): Promise<void> {
  const { card, signingKey } = network.homes.sally;
  await within(network, 'fred', async (fred) => {
    const receiver = new AlertReceiver(fred, { hooks: [], kept: () => undefined });
    const documents = messages.map((message) => signMessage(message, signingKey));
    for (const { outcome } of await receiver.receive(card, documents)) {
      if (outcome !== 'taken') throw new Error(`a message was ${outcome}`);
    }
  });
}

/** Changes the settings of an organisation that does not run. */
export function configure({ homes }: TestNetwork, id: 'fred' | 'sally', settings: object): void {
  const { path, config } = homes[id];
  writeFileSync(join(path, 'symbolon.json'), JSON.stringify({ ...config, settings }));
}
