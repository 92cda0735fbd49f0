import { computing, cosignAgreement, requireCards, signAgreement, verifyAgreement } from '@symbolon/agreement';
import { documentBytes, fault, parseDocument, type Rng, systemRng } from '@symbolon/crypto';
import { createLogger, keepCheckpoint, openDatabase, openHome, openServerLog } from '@symbolon/service';

/**
 * Signs an agreement that names this server as the one that computes: for whoever runs it. The signature stands in the server's log. The server itself
 * may run meanwhile; it enforces nothing of the agreement, its owner does.
 *
 * @param file the document, with whatever signatures it has; returned with one more
 */
export async function countersign(homePath: string, file: Uint8Array, rng: Rng = systemRng): Promise<Uint8Array> {
  const home = openHome(homePath, rng);
  const { id, role } = home.card;
  const document = parseDocument(file);
  const { agreement, hash, signedBy } = verifyAgreement(document);
  if (role !== 'compute' || !computing(agreement).has(id)) {
    throw fault('agreement-party', `"${agreement.title}" does not name ${id} as the server that computes`, {
      culprit: id,
    });
  }
  requireCards(agreement, [home.card, ...home.partners.list()]);
  if (signedBy.includes(id)) return file;
  const signed =
    document.signatures.length === 0
      ? signAgreement(agreement, home.signingKey)
      : cosignAgreement(document, home.signingKey);
  const database = await openDatabase(home, { serves: false, logger: createLogger(home.config), rng });
  try {
    const log = await openServerLog(home, database, rng);
    await log.append({ kind: 'agreement-signed', agreement: hash, title: agreement.title });
    await keepCheckpoint({ database, log });
  } finally {
    await database.destroy();
  }
  return documentBytes(signed);
}
