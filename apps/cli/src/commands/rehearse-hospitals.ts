import { layOut, specOf, translate } from '@symbolon/fhe';
import { duckOf, inspectSource, type ReleasedStudy } from '@symbolon/party';
import { openDuckDb } from '@symbolon/service';
import type { Cleanup } from '../cleanup.ts';
import { progressFor } from '../progress.ts';
import { refuseFaults } from '../rehearsal/faults.ts';
import { asked, HospitalsRehearsal, type HospitalsScript } from '../rehearsal/hospitals.ts';
import { compareClear } from '../rehearsal/study-clear.ts';
import type { RehearsedRun } from '../rehearsal/study-rehearsal.ts';
import { methodText } from '../study/report-text.ts';
import { bytes, counted, facts, number, type Outcome, table, type Ui } from '../ui.ts';
import { progressLine } from './link.ts';

/** `symbolon rehearse outsource` of several hospitals: their servers, the key service and the compute server are processes of their own. */
export async function rehearseHospitals(
  { ui, cleanup }: { readonly ui: Ui; readonly cleanup: Cleanup },
  script: HospitalsScript,
  folder: string,
): Promise<Outcome> {
  const start = performance.now();
  const progress = progressFor(ui);
  const hospitals = script.sources.length;
  const inspections = await progress.step(`${counted(hospitals, 'table')} read, and types found`, () =>
    Promise.all(script.sources.map((source) => inspectSource(source))),
  );
  for (const [i, inspection] of inspections.entries()) refuseFaults({ ...inspection, source: script.sources[i]! });
  const rehearsal = await HospitalsRehearsal.of(script, inspections, folder, cleanup);
  const rows = rehearsal.rows.reduce((sum, own) => sum + own, 0);
  await progress.step(`${hospitals} hospitals, a key service and a server that computes; all started`, async () => {
    rehearsal.exchangeCards(await rehearsal.makeHomes());
    await rehearsal.addData();
    await rehearsal.start();
  });
  await progress.step('An agreement, signed by all; the question approved at each hospital', async () => {
    await rehearsal.draft();
    await rehearsal.sign();
    await rehearsal.approve();
  });
  const { leftOut, sent } = rehearsal;
  if (leftOut.length > 0) ui.note(`  not encrypted, as they have too many values or none: ${leftOut.join(', ')}`);
  const sealing = performance.now();
  await progress.step(`${number(rows)} rows encrypted, under a key of each hospital, and uploaded`, (update) =>
    rehearsal.seal((hospital) => update(hospital)),
  );
  const encrypt = (performance.now() - sealing) / 1000;
  const run = await progress.step('Computed on ciphertexts, and added up under encryption', (update) =>
    rehearsal.run(asked, (event) => update(progressLine(event))),
  );
  const released = await rehearsal.released(run);
  const { equalsClear } = await progress.step('The question in the clear, and compared', () =>
    compareClear(rehearsal, asked, released),
  );
  await rehearsal.stop();
  const logs = await progress.step("Every role's log verified", () => rehearsal.audit());
  const json = {
    job: 'outsource',
    ...{ hospitals, rows, equalsClear, logs },
    columns: released.columns,
    result: released.rows,
    method: released.method,
    suppressed: released.cells.flatMap(({ suppressed }) => suppressed).filter(Boolean).length,
    seconds: { encrypt, ...secondsOf(run), total: (performance.now() - start) / 1000 },
    bytesPerPatient: sent.bytes / rows,
    combinedBytes: [...run.runs.values()].reduce((sum, { details }) => sum + details!.bytes.sent, 0),
    serverSaw: await seen(rehearsal, script.name),
  };
  return { json, text: textOf(json, released), exitCode: equalsClear && logs ? 0 : 1 };
}

/** Of the slowest hospital: reading is having the server compute, decrypting, and checking. */
function secondsOf({ runs }: RehearsedRun): { evaluate: number; combine: number } {
  const details = [...runs.values()].map((run) => run.details!);
  return {
    evaluate: Math.max(...details.map(({ phaseSeconds }) => phaseSeconds.load ?? 0)),
    combine: Math.max(...details.map(({ protocolSeconds }) => protocolSeconds)),
  };
}

/** What the server was told: of one hospital as of another. */
async function seen(rehearsal: HospitalsRehearsal, name: string) {
  const { columns, rows, sent } = rehearsal;
  const duckDb = await openDuckDb({ threads: 1 });
  try {
    const { bound } = await rehearsal.bind(asked);
    const layout = layOut(columns.map(specOf), rows[0]!);
    const { circuit } = await translate(bound!, columns, layout, duckOf(duckDb));
    return {
      ...{ table: name, columns: columns.map((column) => column.name), chunks: sent.chunks },
      ...{ nodes: circuit.nodes.length, results: circuit.outputs.length, plaintext: 0 },
    };
  } finally {
    duckDb.close();
  }
}

function textOf(
  found: {
    equalsClear: boolean;
    logs: boolean;
    suppressed: number;
    hospitals: number;
    rows: number;
    combinedBytes: number;
    bytesPerPatient: number;
    seconds: { encrypt: number; evaluate: number; combine: number };
    serverSaw: { chunks: number; nodes: number };
  },
  { columns, rows, method }: ReleasedStudy,
): string {
  const { seconds, serverSaw } = found;
  const shown = rows.map((row) => row.map((value) => value ?? 'withheld'));
  const s = (value: number): string => `${value.toFixed(2)} s`;
  return [
    method === null ? table(columns, shown) : methodText(method),
    facts([
      ['same as in the clear', found.equalsClear ? (method === null ? 'yes, to the digit' : 'yes') : 'NO'],
      ['numbers withheld', found.suppressed],
      [
        'hospitals',
        `${found.hospitals}, none of which shows a figure of its own; ${bytes(found.combinedBytes)} to add them up`,
      ],
      [
        'the server saw',
        `names of columns, ${counted(serverSaw.chunks, 'chunk')}, ${counted(serverSaw.nodes, 'step')}; no value, no key`,
      ],
      ['uploaded', `${bytes(found.bytesPerPatient * found.rows)}, ${found.bytesPerPatient.toFixed(0)} bytes a patient`],
      ['logs', found.logs ? 'every statement verified' : 'FAULTY'],
      [
        'time',
        `encrypt and upload ${s(seconds.encrypt)}, evaluate, decrypt and check ${s(seconds.evaluate)}, add up ${s(seconds.combine)}`,
      ],
    ]),
  ].join('\n');
}
