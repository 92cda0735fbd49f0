import { type ApiRoute, answer } from '@symbolon/service';
import { type Context, policyOf } from '../context.ts';
import { addRecordType, listModules, listRecordTypes } from './api.ts';
import type { RecordType, RecordTypes } from './types/types.ts';

export function recordTypeRoutes({ settings }: Pick<Context, 'settings'>, types: RecordTypes): ApiRoute[] {
  return [
    answer(listModules, async () => ({ modules: settings.modules.map(({ id }) => id).sort() })),
    answer(listRecordTypes, async ({ params: { module } }) => {
      policyOf(settings, module);
      return { types: (await types.newest(module)).map(shown) };
    }),
    answer(
      addRecordType,
      async ({ caller, params: { module }, body, also }) => {
        policyOf(settings, module);
        const made = ({ version }: RecordType) => ({ version });
        return shown(await types.add({ module, ...body, by: caller.id }, (within, type) => also(within, made(type))));
      },
      async ({ version }: { version: number }, { params: { module }, body: { name } }) =>
        shown(await types.get(module, name, version)),
    ),
  ];
}

function shown({ name, version, text: schema }: RecordType) {
  return { name, version, schema };
}
