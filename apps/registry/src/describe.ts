import { type Contract, followChanges, logReading, openApi, partnerContracts, people } from '@symbolon/service';
import * as centreApi from './centre/every-contract.ts';
import * as moduleApi from './module/api/contracts.ts';

const titles = { module: 'Symbolon, a module of a registry', centre: 'Symbolon, the central server of a registry' };

/** What administrators can ask of a server, as an OpenAPI 3.1 document: docs/openapi-module.json and docs/openapi-centre.json. */
export function describeApi(role: 'module' | 'centre'): Record<string, unknown> {
  const own = Object.values<object>(role === 'module' ? moduleApi : centreApi).filter(isContract);
  return openApi(
    [...own, followChanges, ...logReading.logReadingContracts, ...partnerContracts, ...people.peopleContracts],
    { title: titles[role] },
  );
}

function isContract(value: object): value is Contract {
  return 'path' in value && 'method' in value && 'summary' in value;
}
