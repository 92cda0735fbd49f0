import { fromBase64url } from '@symbolon/crypto';
import { openTotals, type Row, resultKey, valueId } from '@symbolon/fhe';
import { ComputeServer, type Sealed } from '@symbolon/party';
import { openHome } from '@symbolon/service';
import { keyForms } from './key-forms.ts';
import { seal } from './network.ts';

// The owner's side in a process of its own: it seals a table, uploads it, asks, and tells its parent what its secrets look like, to be searched for.

/** What the parent says: where the folders are; then, to ask. */
export type Order =
  | { readonly kind: 'upload'; readonly north: string; readonly compute: string }
  | { readonly kind: 'ask' };
/** What it hears. Bytes are in base64url. */
export type News =
  | { readonly kind: 'uploaded'; readonly forms: Readonly<Record<string, string>>; readonly evaluation: string }
  | { readonly kind: 'answered'; readonly total: number };

const rows: Row[] = Array.from({ length: 9000 }, (_, i) => [i % 3 === 0 ? 'f' : 'm']);
/** Many products, of which one comes out, so that whoever looks at the process that evaluates has time to. */
const products = 300;
const circuit = {
  nodes: [
    { op: 'columns', columns: [valueId('sex', 'f')] } as const,
    ...Array.from({ length: products }, () => ({ op: 'product', left: 0, right: 0 }) as const),
  ],
  outputs: [1],
};

let sealed: Sealed;
let server: ComputeServer;

process.on('message', async (order: Order) => {
  const tell = (news: News) => process.send!(news);
  if (order.kind === 'upload') {
    const home = openHome(order.north);
    sealed = await seal([{ name: 'sex', kind: 'category', values: ['f', 'm'] }], rows.length, home);
    server = new ComputeServer(home, openHome(order.compute).card);
    await server.upload(
      sealed,
      (async function* () {
        yield* rows;
      })(),
    );
    const { keys } = sealed;
    const evaluation = Buffer.from(keys.evaluation.subarray(100_000, 100_064)).toString('base64url');
    tell({ kind: 'uploaded', forms: keyForms(keys), evaluation });
  } else {
    const { id } = JSON.parse(Buffer.from(fromBase64url(sealed.manifest.payload)).toString()) as { id: string };
    const parts = await server.ask(id, circuit);
    const [total] = openTotals({ ...sealed, circuit }, parts, resultKey(sealed.keys));
    tell({ kind: 'answered', total: total! });
    await server.close();
    process.disconnect();
  }
});
