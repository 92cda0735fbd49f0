import { parseVerifierKeys, type VerifierKey, verifyExport, verifyProof, writeProof } from '@symbolon/ledger';
import { call } from '../../../api/call.ts';
import { Problem } from '../../../api/problem.ts';
import { fromBase64url, SymbolonError } from '../../../verify/crypto.ts';
import { archiveOf } from './archive.ts';
import { type Copy, fetchCopy, filesOf, type Tampered, tamper } from './copy.ts';
import type { Order, Told } from './messages.ts';

// Verifies the log beside the page, so that the page goes on meanwhile. Runs at: whoever looks at the log; nothing of the server is trusted but
// the keys that it names, where no others are given.

let kept: Copy | undefined;

const tell = (told: Told): void => postMessage(told);
const random = (): number => crypto.getRandomValues(new Uint32Array(1))[0]!;

addEventListener('message', ({ data }: MessageEvent<Order>) => {
  obey(data).catch((error: unknown) => tell({ told: 'problem', ...problemOf(error) }));
});

async function obey(order: Order): Promise<void> {
  if (order.do === 'proof') return prove(order.index);
  if (order.do === 'verify' || kept === undefined) {
    kept = await fetchCopy((done, of) => tell({ told: 'fetching', done, of }));
  }
  if (order.do === 'archive') return tell({ told: 'archive', archive: archiveOf(kept) });
  if (order.do === 'verify') return verify(kept, order.trusted);
  const { copy, tampered } = tamper(kept, random);
  return verify(copy, order.trusted, tampered);
}

async function verify(copy: Copy, trusted: string | undefined, tampered?: Tampered): Promise<void> {
  const { entries, checkpoint } = copy.head;
  const verdict = await verifyExport(filesOf(copy), keysOf(copy.head.keys, trusted), (_, events) => {
    tell({ told: 'verifying', done: events, of: entries });
  });
  const root = checkpoint.split('\n')[2] ?? '';
  tell({ told: 'found', found: { ...verdict, root, tampered } });
}

async function prove(index: number): Promise<void> {
  const [entry, head] = await Promise.all([
    call('getLogEntry', { params: { index } }),
    call('exportLogHead', { query: {} }),
  ]);
  const { document, salt, proof, checkpoint } = entry;
  if (document === null || salt === null) throw new Problem('not-found', '');
  const text = writeProof({
    index,
    event: fromBase64url(document),
    salt: fromBase64url(salt),
    hashes: proof.map(fromBase64url),
    checkpoint,
  });
  tell({ told: 'proof', verdict: verifyProof(text, keysOf(head.keys, undefined)), text });
}

function keysOf(named: readonly string[], trusted: string | undefined): VerifierKey[] {
  return parseVerifierKeys(trusted ?? named.join('\n'));
}

function problemOf(error: unknown): { code: string; message: string; hint: string | undefined } {
  if (!(error instanceof SymbolonError || error instanceof Problem)) throw error;
  const { code, message, hint } = error;
  return { code, message, hint };
}
