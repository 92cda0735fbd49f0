import type { Studies, StudyColumn } from '@symbolon/agreement';
import { type FileValue, readYaml } from '@symbolon/analytics';
import { base64url, systemRng } from '@symbolon/crypto';
import { type EncryptedColumn, layOut, specOf, uploadBytes } from '@symbolon/fhe';
import {
  agreedName,
  type DataSource,
  describeTable,
  followRun,
  type Inspection,
  loadTable,
  readAs,
  sealed,
} from '@symbolon/party';
import { apiClient, localClient, openHome } from '@symbolon/service';
import type { Cleanup } from '../cleanup.ts';
import { sameColumns } from './sealed-parts.ts';
import { StudyRehearsal } from './study-rehearsal.ts';

const compute = 'compute';
/** Name of the one study, and of the data set of each hospital. */
export const asked = 'question';
const dataset = 'patients';

/** What is rehearsed. */
export interface HospitalsScript {
  /** The table of each hospital. */
  readonly sources: readonly DataSource[];
  readonly name: string;
  readonly patient: string;
  readonly minPatients: number;
  readonly cuts: Record<string, string[]>;
  /** A SELECT, or a study file. */
  readonly question: string;
}

/** Hospitals, a key service and a compute server: each a process, as real ones are. Every hospital encrypts its rows under a key of its own. */
export class HospitalsRehearsal extends StudyRehearsal {
  readonly columns: readonly EncryptedColumn[];
  /** Columns that are not encrypted. */
  readonly leftOut: readonly string[];
  /** Rows of each hospital. */
  readonly rows: readonly number[];
  readonly #cuts: HospitalsScript['cuts'];
  readonly #table: string;

  private constructor(
    script: HospitalsScript,
    found: { columns: readonly EncryptedColumn[]; leftOut: readonly string[]; rows: readonly number[] },
    folder: string,
    cleanup: Cleanup,
  ) {
    const hospitals = script.sources.map((_, i) => `hospital-${i + 1}`);
    const studies = studiesOf(script, found, hospitals);
    const parties = [...hospitals, compute];
    const terms = { title: 'Encrypted patients of several hospitals', parties, pads: 'expanded' as const, studies };
    const data = hospitals.map((party, i) => ({ party, dataset, source: script.sources[i]! }));
    // The term is that of the rehearsal.
    super({ terms: { ...terms, term: { from: '', until: '' } }, data }, folder, cleanup);
    ({ columns: this.columns, leftOut: this.leftOut, rows: this.rows } = found);
    this.#cuts = byAgreedName(script.cuts);
    this.#table = script.name;
  }

  /** Reads the tables, to agree on values and ranges of their columns. Throws `data-…`. */
  static async of(
    script: HospitalsScript,
    inspections: readonly Inspection[],
    folder: string,
    cleanup: Cleanup,
  ): Promise<HospitalsRehearsal> {
    const columns = sameColumns(inspections.map((inspection, i) => [`file ${i + 1}`, inspection]));
    const scales = new Map(columns.map(({ name, scale }) => [name, scale]));
    const tables = await Promise.all(
      script.sources.map((source, i) => {
        const own = inspections[i]!.columns.map((column) => {
          const scale = scales.get(column.name);
          return scale === undefined ? column : { ...column, scale };
        });
        return loadTable(source, readAs(own), { maxRows: 10_000_000 });
      }),
    );
    const { outsourced, leftOut } = describeTable(tables, columns, script);
    const named = outsourced.columns.map((column) => ({ ...column, name: agreedName(column.name) }));
    return new HospitalsRehearsal(
      script,
      { columns: named, leftOut, rows: tables.map(({ rows }) => rows) },
      folder,
      cleanup,
    );
  }

  /** Chunks of all hospitals, and bytes that their ciphertexts have on the way. */
  get sent(): { readonly chunks: number; readonly bytes: number } {
    const layouts = this.rows.map((rows) => layOut(this.columns.map(specOf), rows));
    const chunks = layouts.reduce((sum, layout) => sum + layout.chunks, 0);
    return { chunks, bytes: chunks * layouts[0]!.columns.length * uploadBytes };
  }

  /** Each hospital makes a key, encrypts its data set under it, and uploads it, by its own server. */
  async seal(onDone: (hospital: string) => void): Promise<void> {
    for (const id of this.parties) {
      const client = apiClient(localClient(openHome(this.homes[id]!)));
      try {
        const { agreement } = this;
        const passphrase = base64url(systemRng(24));
        const { id: key } = await client.call(sealed.makeSealKey, { body: { agreement, passphrase } });
        const body = { agreement, name: this.#table, key, cuts: this.#cuts };
        const table = await followRun(client, () => client.call(sealed.encryptTable, { body }), {});
        await followRun(client, () => client.call(sealed.uploadTable, { params: { table } }), {});
        onDone(id);
      } finally {
        await client.close();
      }
    }
  }
}

/** What the hospitals agree on. */
function studiesOf(
  { name, patient, minPatients, question }: HospitalsScript,
  { columns, rows }: { columns: readonly EncryptedColumn[]; rows: readonly number[] },
  hospitals: readonly string[],
): Studies {
  const id = agreedName(patient);
  const described: Record<string, StudyColumn> = {
    [id]: { type: 'text', policy: 'join', required: true },
    ...Object.fromEntries(columns.map((one) => [one.name, one.column])),
  };
  return {
    tables: {
      [name]: {
        holders: hospitals.map((party) => ({ party, dataset, compute })),
        ...{ maxRows: Math.max(...rows), patient: id, onePerPatient: true, columns: described },
      },
    },
    ...{ joins: [], minPatients },
    list: [{ name: asked, text: listed(question, hospitals), to: [...hospitals], maxRuns: 100 }],
  };
}

/** The question as an agreement of these hospitals lists it: under its name there, for all of them. */
function listed(question: string, to: readonly string[]): string {
  if (/^\s*select\b/i.test(question)) return question;
  const file: Record<string, FileValue> = { ...readYaml(question).value, name: asked, to };
  return JSON.stringify(file);
}

function byAgreedName(cuts: HospitalsScript['cuts']): HospitalsScript['cuts'] {
  return Object.fromEntries(Object.entries(cuts).map(([name, at]) => [agreedName(name), at]));
}
