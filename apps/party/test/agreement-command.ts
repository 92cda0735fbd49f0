import { SymbolonError } from '@symbolon/crypto';
import { Organisation } from '../src/index.ts';

// One command on an agreement in a process of its own: it sends its parent the state that it left, or the code of what refused it.
const [path, agreement, what, reason = ''] = process.argv.slice(2);
const organisation = await Organisation.open(path!);
const saying = { reason, person: 'owner' };
const { agreements } = organisation;
const work = what === 'sign' ? agreements.sign(agreement!) : agreements.revoke(agreement!, saying);
const answer = await work.then(
  ({ state }) => state,
  (error: unknown) => (error instanceof SymbolonError ? error.code : String(error)),
);
await organisation.close();
process.send!(answer);
