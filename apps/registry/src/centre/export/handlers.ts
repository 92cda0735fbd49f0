import { base64url } from '@symbolon/crypto';
import { type ApiRoute, answer } from '@symbolon/service';
import { deleteExport, exportRecords, listExports, readExport } from './api.ts';
import type { Exports } from './exports.ts';

/** Of one answer. */
const pieceBytes = 2 ** 20;

export function exportRoutes(exports: Exports): ApiRoute[] {
  return [
    answer(
      exportRecords,
      ({ caller, body, also }) => exports.make(body, caller.id, also),
      (made: { export: string }) => exports.get(made.export),
    ),
    answer(listExports, ({ query }) => exports.list(query)),
    answer(readExport, async ({ params, query }) => {
      return { bytes: base64url(await exports.read(params.export, params.file, query.from, pieceBytes)) };
    }),
    answer(deleteExport, ({ caller, params }) => exports.delete(params.export, caller.id)),
  ];
}
