export { ByteStream, EventStream, Reply, SecretBytes, type ServerEvent } from './answers.ts';
export { type ApiClient, apiClient, everyItem } from './api-client.ts';
export type { Api } from './api-mount.ts';
export {
  type ApiAsked,
  type ApiRoute,
  answer,
  answerEvents,
  type Credentials,
  type Doorkeeper,
  ownerAlone,
  type Visit,
} from './api-route.ts';
export { auditLog, type EpochAudit, type LogAudit } from './audit-log.ts';
export { backOff } from './back-off.ts';
export { type BoundClient, boundClient } from './bound-client.ts';
export { changeRoutes, followChanges } from './change-routes.ts';
export type { ClaimServer } from './claims.ts';
export { type CallOptions, type Client, peerClient } from './client.ts';
export { checkConfig, type HomeConfig, homeConfigSchema, parseConfig } from './config.ts';
export {
  type Contract,
  contract,
  nothing,
  numberCursor,
  type Page,
  type PageQuery,
  page,
  pageFrom,
  pageOf,
  pageQuery,
  runsQuery,
} from './contract.ts';
export { copyStore, type StoreCopy } from './copy-store.ts';
export {
  type Cosignature,
  cosignedNotes,
  newestCosignatures,
  parseCosigned,
  witnessesOf,
  witnessName,
} from './cosignatures.ts';
export { createHome, freePort, type NewHome, renewTls } from './create-home.ts';
export {
  type Database,
  type DatabaseOptions,
  isDuplicate,
  isFull,
  openDatabase,
  openDatabaseFile,
} from './database.ts';
export { type DatabaseStatus, databaseStatus } from './database-status.ts';
export { DuckDb, type DuckDbColumns, type DuckDbOptions, type DuckDbPart, openDuckDb } from './duckdb.ts';
export { eraseEvent } from './erase.ts';
export { fromProblem, type Problem, problemBody, problemType, toProblem } from './error-http.ts';
export { exchangeRequest, exchangeWith } from './exchange.ts';
export { privateFile, readHomeFile, syncFolder, writeDurably } from './files.ts';
export { type Home, type HomeKey, homePaths, openHome } from './home.ts';
export { readHomeSecret } from './home-secret.ts';
export { createPeerServer, type PeerServer } from './http.ts';
export { type Also, Idempotency } from './idempotency.ts';
export { readJsonBody } from './json-body.ts';
export {
  type AnswerRequest,
  answerRequest,
  dataToSign,
  type KeyserviceClient,
  keyserviceClient,
  type OpenRequest,
  openRequest,
  sessionId,
} from './keyservice-api.ts';
export { Lane } from './lane.ts';
export { type Running, runServer } from './lifecycle.ts';
export { type ListKey, readListKey } from './list-key.ts';
export { createLocalServer, type LocalServer, localClient } from './local.ts';
export {
  DatabaseLogStore,
  epochOf,
  type LogCheckpoint,
  type LogEvent,
  logOrigin,
  openServerLog,
  parseLogCheckpoint,
  type ServerLog,
  type WithinAppend,
} from './log.ts';
export { type ExportedLog, type LogBundle, writeBundle } from './log-bundle.ts';
export {
  type Disclosed,
  disclosedLines,
  exportLog,
  type LogArchive,
  type LogSource,
  logHead,
  logKeys,
  openArchive,
  proveEntry,
  tileContents,
} from './log-export.ts';
export * as logReading from './log-reading.ts';
export { logReadingRoutes } from './log-reading-routes.ts';
export { logRoutes, tileOf } from './log-routes.ts';
export { type TimelineEntry, type TimelineFilter, timeline } from './log-timeline.ts';
export { verifyLogFolder, verifyProofFile } from './log-verify.ts';
export { createLogger, describeError, type Logger } from './logging.ts';
export { isLoopback } from './loopback.ts';
export { migrations } from './migrations/index.ts';
export { decodeOpenAnswer, encodeOpenAnswer, type OpenAnswer } from './open-answer.ts';
export { getOpenApi, openApi } from './openapi.ts';
export { askWitnesses, keepCheckpoint, requireNewestStore, showLog, type Testimony } from './own-log.ts';
export { type Pages, readPages } from './pages.ts';
export { PartnerLane } from './partner-lane.ts';
export {
  addPartner,
  listPartners,
  type PartnerSummary,
  partnerContracts,
  partnerRoutes,
  readPartnerCard,
  summaryOf,
} from './partner-routes.ts';
export { organisationCertificate, Partners } from './partners.ts';
export { unwrapSecret, wrapSecret } from './passphrase.ts';
export { currentRoles } from './people/accounts.ts';
export { authorizeOperator } from './people/authorize.ts';
export * as people from './people/contracts.ts';
export { ownerOf } from './people/door.ts';
export {
  hasRole,
  independentApprovers,
  owner,
  ownerId,
  type Person,
  type Role,
  roles,
  roleWords,
} from './people/person.ts';
export { peopleRoutes } from './people/routes.ts';
export { type AccountSettings, accountSettings, safeUrl } from './people/settings.ts';
export { createPeopleApi } from './people-api.ts';
export { type PeopleClientOptions, peopleClient } from './people-client.ts';
export {
  createPeopleServer,
  type PeopleServer,
  type PeopleServerSettings,
  peopleServerSettings,
} from './people-server.ts';
export { type Poster, poster } from './post.ts';
export { insertRows, prepared, type QueryOutcome } from './prepared.ts';
export {
  dealProgram,
  type Pad,
  type Program,
  type ProgramCost,
  parseProgram,
  programCost,
  programHash,
  programPads,
  programParties,
} from './programs.ts';
export { Quota } from './quota.ts';
export { type RecoverOptions, recoverStore, type StoreSurvey } from './recover.ts';
export { RefusalCounts } from './refusal-counts.ts';
export { RequestKey, readRequestKey } from './request-key.ts';
export { type Refusal, RequestLog } from './request-log.ts';
export { type Asked, bytesBody, type Connection, checked, type Route, route } from './route.ts';
export type { DatabaseSchema } from './schema.ts';
export { FrameSocket, maxFrameBytes } from './socket.ts';
export { acceptSockets, connectSocket, type SocketOffer } from './sockets.ts';
export { type Starting, type StartOptions, startServer } from './start-server.ts';
export type { Upload } from './upload.ts';
export {
  maxNoteLength,
  type ShownCheckpoint,
  seenCheckpoint,
  seenCheckpoints,
  seenRoute,
  witnessCheckpoint,
} from './witness.ts';
export { witnessAnswer } from './witness-answer.ts';
export { Witnesses, type WitnessState, witnessState } from './witnesses.ts';
