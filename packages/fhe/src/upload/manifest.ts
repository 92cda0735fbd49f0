import {
  base64url,
  documentHash,
  fault,
  fromBase64url,
  hashLabelled,
  type SignedDocument,
  type SigningKey,
  signDocument,
  verifyDocument,
} from '@symbolon/crypto';
import { z } from 'zod';
import type { Bounds } from '../circuit/circuit.ts';
import { parametersId } from '../parameters.ts';
import type { Feature, ScoreLayout } from '../score/model.ts';
import { scoreParametersId } from '../score/parameters.ts';
import type { Layout } from '../table/layout.ts';

const typ = 'symbolon-encrypted-table';
const bytes = (length: number) =>
  z.base64url().refine((text) => fromBase64url(text).length === length, `must be ${length} bytes in base64url`);

const common = {
  version: z.literal(1),
  /** 16 random bytes. */
  id: bytes(16),
  owner: z.string().min(1).max(31),
  name: z.string().min(1).max(100),
  parameters: bytes(32),
  /** Names the key: see {@link keyIdOf}; of features, for which a server needs none, 16 random bytes. */
  key: bytes(16),
  /** Ciphertexts of a column. */
  chunks: z.int().min(1).max(100_000),
};
const decimal = z
  .string()
  .max(40)
  .refine((text) => text === String(Number(text)) && Number.isFinite(Number(text)), 'must be a number');

const exactSchema = z.strictObject({
  kind: z.literal('encrypted-table'),
  ...common,
  columns: z
    .array(
      z.strictObject({
        id: z.string().min(1).max(300),
        most: z.int().min(1),
        set: z.string().min(1).max(300).nullable(),
      }),
    )
    .min(1)
    .max(2048),
});

const featuresSchema = z.strictObject({
  kind: z.literal('encrypted-features'),
  ...common,
  columns: z
    .array(z.strictObject({ id: z.string().min(1).max(63), min: decimal, max: decimal }))
    .min(1)
    .max(256),
});

const manifestSchema = z.discriminatedUnion('kind', [exactSchema, featuresSchema]);

/** What a server is told of an exact table. */
export type TableManifest = Readonly<z.output<typeof exactSchema>>;
/** The same of features, from which scores are computed. */
export type FeatureManifest = Readonly<z.output<typeof featuresSchema>>;
/** What a server is told of an encrypted table: names of columns, bounds of their values, and how long it is, to the chunk. Signed by its owner. */
export type Manifest = TableManifest | FeatureManifest;

/** What is in a table: whole numbers of which totals are computed, or features of which scores are. */
export type TableKind = 'exact' | 'features';

export function kindOf({ kind }: Pick<Manifest, 'kind'>): TableKind {
  return kind === 'encrypted-table' ? 'exact' : 'features';
}

const parametersOf = { exact: base64url(parametersId), features: base64url(scoreParametersId) };

/** Names a key pair by its evaluation keys, 16 bytes in base64url. */
export function keyIdOf(evaluation: Uint8Array): string {
  return base64url(hashLabelled('symbolon fhe key', evaluation).subarray(0, 16));
}

/** Runs at: the owner. @param of a table: 16 random bytes, and its names */
export function signManifest(
  layout: Layout | ScoreLayout,
  of: { id: Uint8Array; owner: string; name: string; key: string },
  signer: SigningKey,
): SignedDocument {
  const manifest = { version: 1, ...of, id: base64url(of.id), chunks: layout.chunks, ...described(layout) };
  return signDocument(typ, manifestSchema.parse(manifest), signer);
}

function described(layout: Layout | ScoreLayout) {
  if ('features' in layout) {
    const columns = layout.features.map(({ name, min, max }) => ({ id: name, min: String(min), max: String(max) }));
    return { kind: 'encrypted-features', parameters: parametersOf.features, columns };
  }
  const columns = layout.columns.map(({ id, most, set }) => ({ id, most, set }));
  return { kind: 'encrypted-table', parameters: parametersOf.exact, columns };
}

/** A manifest that its owner signed. Throws as `verifyDocument`, and `bad-document`. Runs at: the server. @param signer the owner's pinned key */
export function verifyManifest(document: unknown, signer: Uint8Array): { manifest: Manifest; hash: Uint8Array } {
  const read = manifestSchema.safeParse(verifyDocument(typ, document, [signer]));
  if (!read.success) throw fault('bad-document', 'the manifest of an encrypted table is malformed');
  const { data } = read;
  if (data.parameters !== parametersOf[kindOf(data)]) {
    throw fault('bad-document', 'the table was encrypted with parameters that this server does not have');
  }
  return { manifest: data, hash: documentHash(document as SignedDocument) };
}

/** The bounds of a manifest's columns, for `proveCircuit`. */
export function boundsOf({ columns }: TableManifest): Map<string, Bounds> {
  return new Map(columns.map(({ id, most, set }) => [id, { most, set }]));
}

/** The features of a manifest, for `proveModel`. */
export function featuresOf({ columns }: FeatureManifest): Feature[] {
  return columns.map(({ id, min, max }) => ({ name: id, min: Number(min), max: Number(max) }));
}
