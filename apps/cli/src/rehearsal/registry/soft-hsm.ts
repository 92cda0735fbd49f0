import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fault, utf8 } from '@symbolon/crypto';
import type { IssuedCard } from '@symbolon/testkit';
import { listReaders, type OpenCard, openCard } from '@symbolon/workstation';
import type { Cleanup } from '../../cleanup.ts';

// Debian's softhsm2 and opensc: cards that are files, but are spoken to over PKCS#11 as real ones are.
const driver = '/usr/lib/softhsm/libsofthsm2.so';
const tools = ['softhsm2-util', 'pkcs11-tool'];
const pin = '4711';

/** Cards of SoftHSM, in a folder of their own; they are closed by `cleanup`. */
export class SoftCards {
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #cleanup: Cleanup;

  /** Throws `card-driver` where SoftHSM is not installed. */
  constructor(folder: string, cleanup: Cleanup) {
    const found = (tool: string) => (process.env.PATH ?? '').split(':').some((path) => existsSync(join(path, tool)));
    if (!existsSync(driver) || !tools.every(found)) {
      throw fault('card-driver', 'SoftHSM is not installed', { hint: 'Debian: apt-get install softhsm2 opensc' });
    }
    this.#folder = folder;
    this.#cleanup = cleanup;
    mkdirSync(join(folder, 'tokens'), { recursive: true, mode: 0o700 });
    const conf = join(folder, 'softhsm2.conf');
    writeFileSync(
      conf,
      `directories.tokendir = ${join(folder, 'tokens')}\nobjectstore.backend = file\nlog.level = ERROR\n`,
    );
    this.#env = { ...process.env, SOFTHSM2_CONF: conf };
  }

  /** Puts keys and certificates of a card on one of SoftHSM, and opens that. */
  async card(label: string, { privateKey, chain }: Pick<IssuedCard, 'privateKey' | 'chain'>): Promise<OpenCard> {
    this.#run('softhsm2-util', ['--init-token', '--free', '--label', label, '--pin', pin, '--so-pin', '00000000']);
    const der = { format: 'der', type: 'pkcs8' } as const;
    this.#write(label, privateKey.export(der), [
      '--type',
      'privkey',
      '--id',
      '01',
      '--usage-sign',
      '--usage-decrypt',
      '--usage-derive',
    ]);
    for (const [i, certificate] of chain.entries()) {
      this.#write(label, certificate, ['--type', 'cert', '--id', `0${i + 1}`]);
    }
    const readers = await listReaders(driver, this.#env);
    const { reader, card } = readers.find((one) => one.card?.label === label)!;
    const opened = await openCard({
      driver,
      card: { reader, label, serial: card!.serial },
      pin: utf8(pin),
      env: this.#env,
    });
    this.#cleanup.add(async () => opened.close());
    return opened;
  }

  #write(label: string, content: Uint8Array, how: readonly string[]): void {
    const file = join(this.#folder, 'written.der');
    writeFileSync(file, content, { mode: 0o600 });
    try {
      this.#run('pkcs11-tool', [
        '--module',
        driver,
        '--token-label',
        label,
        '--login',
        '--pin',
        pin,
        '--write-object',
        file,
        ...how,
      ]);
    } finally {
      rmSync(file);
    }
  }

  #run(tool: string, args: readonly string[]): void {
    execFileSync(tool, args, { env: this.#env, stdio: ['ignore', 'ignore', 'pipe'] });
  }
}
