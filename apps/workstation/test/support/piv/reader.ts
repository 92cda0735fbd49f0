import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@symbolon/service';
import type { PivCard } from './card.ts';

const driver = '/usr/lib/pcsc/drivers/serial/libifdvpcd.so';
const daemon = '/usr/sbin/pcscd';
// Compiled into both ends; a second daemon cannot be asked.
const daemonSocket = '/run/pcscd/pcscd.comm';
const daemonId = '/run/pcscd/pcscd.pid';

/** OpenSC's PKCS#11 module, where Debian has it. */
export const openSc = '/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so';

/** Whether virtual readers can be played here; says so where not. */
export function readersAreHere(): boolean {
  const missing = [driver, daemon, openSc].find((file) => !existsSync(file));
  const why =
    missing !== undefined
      ? `${missing} is not installed (apt-get install pcscd vsmartcard-vpcd opensc-pkcs11)`
      : process.getuid?.() !== 0
        ? 'only root can start pcscd'
        : daemonRuns()
          ? 'a pcscd is running here already, and has readers of its own'
          : undefined;
  if (why !== undefined) console.log(`skipped: ${why}`);
  return why === undefined;
}

/** A socket without its process was left by a daemon that was killed; one without a process's number is the system's own. */
function daemonRuns(): boolean {
  if (!existsSync(daemonSocket)) return false;
  if (!existsSync(daemonId)) return true;
  const name = `/proc/${Number.parseInt(readFileSync(daemonId, 'utf8'), 10)}/comm`;
  return existsSync(name) && readFileSync(name, 'utf8').trim() === 'pcscd';
}

/** A pcscd with virtual readers (vpcd), into which cards are put over TCP. */
export class VirtualReaders {
  readonly #daemon: ChildProcess;
  readonly #port: number;
  readonly #inserted = new Map<number, Socket>();

  private constructor(process: ChildProcess, port: number) {
    this.#daemon = process;
    this.#port = port;
  }

  /** @param folder for its configuration */
  static async start(folder: string): Promise<VirtualReaders> {
    const port = await freePort('127.0.0.1');
    const number = `0x${port.toString(16)}`;
    const conf = join(folder, 'readers.conf');
    const lines = ['FRIENDLYNAME "Virtual"', `DEVICENAME /dev/null:${number}`, `LIBPATH ${driver}`];
    writeFileSync(conf, `${lines.join('\n')}\nCHANNELID ${number}\n`);
    rmSync(daemonSocket, { force: true });
    const started = spawn(daemon, ['--foreground', '--config', conf], { stdio: 'ignore' });
    for (let i = 0; i < 100 && !existsSync(daemonSocket); i++) await sleep(50);
    await sleep(200);
    return new VirtualReaders(started, port);
  }

  /** Puts a card into one of the two readers. */
  async insert(reader: 0 | 1, card: PivCard): Promise<void> {
    const socket = await connected(this.#port + reader);
    this.#inserted.set(reader, socket);
    answer(socket, card);
    // The daemon looks for cards every half second or so.
    await sleep(1000);
  }

  /** Takes the card out, whatever it is doing. */
  async pull(reader: 0 | 1): Promise<void> {
    this.#inserted.get(reader)?.destroy();
    this.#inserted.delete(reader);
    await sleep(1000);
  }

  async stop(): Promise<void> {
    for (const socket of this.#inserted.values()) socket.destroy();
    const ended = new Promise((resolve) => this.#daemon.once('exit', resolve));
    this.#daemon.kill('SIGTERM');
    await ended;
  }
}

async function connected(port: number): Promise<Socket> {
  for (let attempt = 0; ; attempt++) {
    const socket = connect(port, '127.0.0.1').setNoDelay();
    const error = await new Promise<Error | undefined>((resolve) => {
      socket.once('connect', () => resolve(undefined)).once('error', resolve);
    });
    if (error === undefined) return socket.on('error', () => undefined);
    if (attempt === 50) throw error;
    await sleep(100);
  }
}

// Of one byte: power off, power on, reset; and the one that asks for the ATR.
const askAtr = 4;

/** vpcd's protocol: a length of two bytes, then a command for the card, or one byte for the reader. */
function answer(socket: Socket, card: PivCard): void {
  const send = (bytes: Buffer): void => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    socket.write(Buffer.concat([length, bytes]));
  };
  let read = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    read = Buffer.concat([read, chunk]);
    while (read.length >= 2 && read.length >= 2 + read.readUInt16BE()) {
      const message = read.subarray(2, 2 + read.readUInt16BE());
      read = read.subarray(2 + message.length);
      if (message.length > 1) send(card.transmit(message));
      else if (message[0] === askAtr) send(card.atr);
      else card.reset();
    }
  });
}
