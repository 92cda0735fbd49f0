import type { DatabaseSchema } from '@symbolon/service';
import type { Transaction } from 'kysely';

/** Why a hook is told of an alert. */
export type HookOccasion = DatabaseSchema['alert_hook']['occasion'];

/** Notes that hooks have to be told of an alert; each once for an occasion, durable with what it was. */
export async function tellHooks(
  transaction: Transaction<DatabaseSchema>,
  told: {
    readonly alert: string;
    readonly occasion: HookOccasion;
    readonly hooks: readonly string[];
    readonly at: Date;
  },
): Promise<void> {
  const { alert, occasion, hooks, at } = told;
  if (hooks.length === 0) return;
  await transaction
    .insertInto('alert_hook')
    .values(hooks.map((hook) => ({ alert, hook, occasion, tries: 0, due_at: at.toISOString() })))
    .onConflict((conflict) => conflict.columns(['alert', 'hook', 'occasion']).doNothing())
    .execute();
}
