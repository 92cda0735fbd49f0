import { fault } from '@symbolon/crypto';
import {
  boundsOf,
  type Circuit,
  columnsOf,
  type Feature,
  featuresOf,
  isModel,
  type Manifest,
  proveCircuit,
  proveModel,
  resultsBytes,
  type ScoreModel,
  scoreResultBytes,
  type TableManifest,
} from '@symbolon/fhe';

/** What is asked of a table: the totals of a circuit, or of features a score of each patient. */
export type Asked = Circuit | ScoreModel;

/** The same, once it is proven that it can be computed. */
export type Computable =
  | { readonly circuit: Circuit; readonly manifest: TableManifest }
  | { readonly model: ScoreModel; readonly features: readonly Feature[] };

/** Throws `circuit` for what cannot be computed on a table: nothing that was not proven here comes near SEAL. */
export function computable(asked: Asked, manifest: Manifest): Computable {
  const { name } = manifest;
  if (manifest.kind === 'encrypted-table') {
    if (isModel(asked)) throw fault('circuit', `${name} was not encrypted for scores`, { culprit: name });
    proveCircuit(asked, boundsOf(manifest), manifest.chunks);
    return { circuit: asked, manifest };
  }
  if (!isModel(asked)) throw fault('circuit', `${name} was encrypted for scores alone`, { culprit: name });
  const features = featuresOf(manifest);
  proveModel(asked, features);
  return { model: asked, features };
}

/** Names of the columns that it takes. */
export function columnsAsked(asked: Asked): ReadonlySet<string> {
  return new Set(isModel(asked) ? Object.keys(asked.weights) : asked.nodes.flatMap(columnsOf));
}

/** Bytes of the results of some chunks. */
export function partBytes(asked: Asked, chunks: number): number {
  return isModel(asked) ? chunks * scoreResultBytes : resultsBytes(asked.outputs.length);
}
