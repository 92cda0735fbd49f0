import { fault, SymbolonError } from '@symbolon/crypto';
import type { Also, Upload } from '@symbolon/service';
import type { PartyContext } from '../context.ts';
import type { DatasetInfo } from './datasets.ts';
import type { FileKind } from './uploads.ts';

/**
 * Keeps a file that somebody sends, and makes a data set of it. One of that name that is there gets the new file, and its own is deleted where it was
 * sent, too. What cannot be read is not kept. Throws as `Uploads.keep` and `Datasets.add` do, and `legal-hold`.
 * @param wanted.most bytes; 0: none may be sent
 */
export async function addUploaded(
  { uploads, datasets }: PartyContext,
  wanted: { readonly name: string; readonly kind: FileKind; readonly most: number },
  upload: Upload,
  also?: Also,
): Promise<DatasetInfo> {
  const { name, kind, most } = wanted;
  if (most === 0) {
    throw fault('forbidden', 'this server takes no files', {
      culprit: 'uploadMegabytes',
      hint: 'Name a file in one of the server’s `dataFolders`, or ask whoever keeps the server to set `uploadMegabytes`.',
    });
  }
  await datasets.requireReplaceable(name);
  const source = { kind, path: await uploads.keep(wanted, upload) };
  try {
    return await datasets.add(name, source, also);
  } catch (error) {
    // A database that cannot be asked may have the data set: the next start tells.
    await datasets.dropUnnamed(source).catch(() => undefined);
    throw withoutPath(error, source.path);
  }
}

/** Who sent the file knows it by another name. */
function withoutPath(error: unknown, path: string): unknown {
  if (!(error instanceof SymbolonError) || error.code !== 'data-malformed') return error;
  return fault(error.code, error.message.replace(path, 'the file'), { culprit: 'the file', cause: error });
}
