import type { Card } from '@symbolon/consent';
import { fault, SymbolonError } from '@symbolon/crypto';
import { type Driver, startDriver } from './driver.ts';
import { chooseKeys } from './key-choice.ts';
import type { CardName, Reader } from './requests.ts';

/** A card in a reader, with its user logged in, in a process of its own. */
export interface OpenCard extends Card {
  /** Certificate of the key that signs, and those above it that the card has; DER. */
  readonly chain: readonly Uint8Array[];
  /** Whether it can be a patient's: it decrypts, or agrees on keys. */
  readonly opens: boolean;
  /**
   * Why it cannot be used any more: taken out, or its driver failed. The steps of the protocol end alike whatever is wrong with an envelope; who sits
   * before the reader may know.
   */
  readonly lost: SymbolonError | undefined;
  /** Logs out. */
  close(): void;
}

/** Lists readers and cards. Throws `card-driver`. @param driver path of a PKCS#11 module */
export async function listReaders(driver: string, env?: NodeJS.ProcessEnv): Promise<Reader[]> {
  const started = startDriver(driver, env);
  try {
    return await started.ask({ ask: 'readers' });
  } finally {
    started.close();
  }
}

/**
 * Opens a card. Throws `card-pin`, `card-removed`, `card-key`, `card-driver`.
 * @param pin UTF-8, overwritten; undefined where it is typed on the reader
 */
export async function openCard(params: {
  readonly driver: string;
  readonly card: CardName;
  readonly pin: Uint8Array | undefined;
  readonly env?: NodeJS.ProcessEnv;
}): Promise<OpenCard> {
  const { pin, env } = params;
  const { reader, label, serial } = params.card;
  const isThere = async (): Promise<boolean> => {
    const all = await listReaders(params.driver, env);
    return all.some((one) => one.reader === reader && one.card?.label === label && one.card.serial === serial);
  };
  const driver = startDriver(params.driver, env, isThere);
  try {
    return cardOf(driver, chooseKeys(await driver.ask({ ask: 'open', card: { reader, label, serial }, pin })));
  } catch (error) {
    driver.close();
    throw error;
  } finally {
    pin?.fill(0);
  }
}

const isLoss = (error: unknown): error is SymbolonError =>
  error instanceof SymbolonError && (error.code === 'card-removed' || error.code === 'card-driver');

function cardOf(driver: Driver, { signing, sealing, chain }: ReturnType<typeof chooseKeys>): OpenCard {
  let lost: SymbolonError | undefined;
  const ask: Driver['ask'] = async (request) => {
    if (lost !== undefined) throw lost;
    try {
      return await driver.ask(request);
    } catch (error) {
      if (isLoss(error)) lost ??= error;
      throw error;
    }
  };
  return {
    chain,
    signing: signing.key,
    sealing: (sealing ?? signing).key,
    opens: sealing !== undefined,
    get lost() {
      return lost;
    },
    sign: (message) => ask({ ask: 'sign', key: signing.id, message }),
    async open(input) {
      if (sealing === undefined) throw fault('card-key', 'this card only signs');
      const { id, key } = sealing;
      if (key.kind === 'ec') return ask({ ask: 'agree', key: id, point: input });
      return ask({ ask: 'decrypt', key: id, input, bytes: key.bytes });
    },
    close: () => driver.close(),
  };
}
