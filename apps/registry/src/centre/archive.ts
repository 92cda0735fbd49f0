import type { IncomingHttpHeaders } from 'node:http';
import type { Card } from '@symbolon/agreement';
import type { ApiRoute, Route } from '@symbolon/service';
import type { LoggedIn } from '../common/logins.ts';
import type { Alarms } from './alarms/alarms.ts';
import { alarmRoutes } from './alarms/handlers.ts';
import { ReadingWatch } from './alarms/reading.ts';
import type { Context } from './context.ts';
import { Exports } from './export/exports.ts';
import { exportRoutes } from './export/handlers.ts';
import type { Grants } from './grants.ts';
import { recordTypeRoutes } from './records/handlers.ts';
import { PatientRights } from './records/patient/patients.ts';
import { RecordReader } from './records/reader.ts';
import { recordRoutes } from './records/routes.ts';
import { RecordTypes } from './records/types/types.ts';
import { RecordWriter } from './records/writer.ts';
import { Failures } from './sessions/failures.ts';
import { studyRoutes } from './statistics/handlers.ts';
import { Studies } from './statistics/studies.ts';

/** What a centre does with records, beside sessions. */
export interface Archive {
  /** For clients. */
  readonly routes: readonly Route<Card>[];
  /** For administrators and researchers. */
  readonly api: readonly ApiRoute[];
  /** Puts in order what a crash has left. Before anybody asks. */
  recover(): Promise<void>;
  /** Begins what is done now and again. */
  watch(): { close(): Promise<void> };
}

/** @param of.authenticate says which physician asks; throws where none is logged in, or asks too often */
export function openArchive(
  context: Context,
  of: {
    readonly grants: Grants;
    readonly alarms: Alarms;
    readonly authenticate: (headers: IncomingHttpHeaders, client: Card) => Promise<LoggedIn>;
  },
): Archive {
  const { grants, alarms, authenticate } = of;
  const types = new RecordTypes(context);
  const reader = new RecordReader(context, grants);
  const writer = new RecordWriter(context, { grants, types });
  const patients = new PatientRights(context, grants);
  const exports = new Exports(context, types);
  const reading = new ReadingWatch(context, alarms);
  return {
    routes: recordRoutes({ grants, types, reader, writer, patients, failures: new Failures(context) }, authenticate),
    api: [
      ...recordTypeRoutes(context, types),
      ...studyRoutes(new Studies(context, types)),
      ...exportRoutes(exports),
      ...alarmRoutes(alarms),
    ],
    recover: () => exports.recover(),
    watch() {
      const watches = [alarms.watch(), reading.watch()];
      return { close: async () => void (await Promise.all(watches.map((watch) => watch.close()))) };
    },
  };
}
