import type { Card } from '@symbolon/agreement';
import { fault } from '@symbolon/crypto';
import { type Circuit, isModel, type SecretModel, secretOutputs, type TableManifest } from '@symbolon/fhe';
import type { Database } from '@symbolon/service';
import type { Asked } from './asked.ts';
import type { Settings } from './config.ts';

type Model = Settings['models'][string];

/**
 * The models that a question names, as they are for this table. Throws `not-found` for one that is not here for this owner and table, and `circuit`
 * where question, model and table do not go together: nothing of the points is told.
 */
export function modelsOf(
  { nodes }: Circuit,
  owner: Card,
  { name: table, columns }: TableManifest,
  settings: Settings,
): Map<string, SecretModel> {
  const found = new Map<string, SecretModel>();
  for (const node of nodes) {
    if (node.op !== 'model') continue;
    const { model: name } = node;
    const model = Object.hasOwn(settings.models, name) ? settings.models[name] : undefined;
    if (model === undefined || model.owner !== owner.id || model.table !== table) {
      throw fault('not-found', `this server has no model ${name} for ${table} of ${owner.id}`, { culprit: name });
    }
    const sets = model.columns.map((column) => columns.filter(({ set }) => set === column).map(({ id }) => id));
    const asked = new Set(node.columns);
    const whole = sets.flat();
    const fits = whole.length === asked.size && whole.every((id) => asked.has(id)) && node.most === model.most;
    if (!fits || sets.some((set) => set.length === 0) || !isWithin(model, sets)) {
      throw fault('circuit', `the model ${name} does not go with the table ${table} as it is asked`, {
        culprit: name,
        hint: `Whoever runs the server compares its settings (models.${name}) with the agreement, and with the columns of the table.`,
      });
    }
    found.set(
      name,
      sets.map((set) => new Map(set.map((id) => [id, model.points[id] ?? 0]))),
    );
  }
  return found;
}

/** All points are for columns that there are, and no row can have more than the most. */
function isWithin({ points, most }: Model, sets: readonly (readonly string[])[]): boolean {
  const known = new Set(sets.flat());
  const largest = sets.reduce((sum, set) => sum + Math.max(...set.map((id) => points[id] ?? 0)), 0);
  return largest <= most && Object.keys(points).every((id) => known.has(id));
}

/** Holds that no more totals of a model are given than its owner allows; in the transaction that takes the question up, with it counted already. */
export async function requireTotals(transaction: Database, owner: Card, settings: Settings): Promise<void> {
  if (Object.keys(settings.models).length === 0) return;
  const jobs = await transaction
    .selectFrom('compute_job')
    .select('circuit')
    .where('owner', '=', owner.id)
    .where('state', '!=', 'failed')
    .execute();
  const given = new Map<string, number>();
  for (const { circuit } of jobs) {
    const asked = JSON.parse(circuit) as Asked;
    if (isModel(asked)) continue;
    const totals = secretOutputs(asked).filter((secret) => secret).length;
    const names = new Set(asked.nodes.flatMap((node) => (node.op === 'model' ? [node.model] : [])));
    for (const name of names) given.set(name, (given.get(name) ?? 0) + totals);
  }
  for (const [name, { mostTotals }] of Object.entries(settings.models)) {
    if ((given.get(name) ?? 0) <= mostTotals) continue;
    throw fault('compute-quota', `the model ${name} gives ${owner.id} at most ${mostTotals} totals`, { culprit: name });
  }
}
