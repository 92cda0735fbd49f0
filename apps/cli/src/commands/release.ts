import { sealed } from '@symbolon/party';
import type { Leaf } from '../command.ts';
import { withView } from '../organisation.ts';
import { runNumber } from '../run-number.ts';
import { withServer } from '../server.ts';

/** `symbolon study release`, `symbolon link release`, `symbolon seal release`. */
function release(of: 'study' | 'link' | 'seal'): Leaf<{ withdraw?: true }> {
  return {
    name: 'release <run>',
    summary: 'let the result of a run be shown to all who may read results, where the agreement asks for that',
    description:
      'An agreement may ask that people of an organisation look at a result before others of it get the result. Who has a role for it sees the\n' +
      'result at once, and releases it.',
    served: true,
    examples: [`symbolon ${of} release 1`, `symbolon ${of} release 1 --withdraw`],
    options: (command) => command.option('--withdraw', 'take all such approvals back'),
    run: async ({ ui, home, at }, [typed], { withdraw }) => {
      const run = runNumber(typed!, of);
      if (of === 'seal') {
        const call = withdraw === true ? sealed.withdrawSealedRelease : sealed.releaseSealed;
        await withServer(home, at, (client) => client.call(call, { params: { run } }));
      } else {
        await withView(at, (organisation) => {
          const runs = of === 'study' ? organisation.studies : organisation.links;
          return withdraw === true ? runs.withdrawRelease(run) : runs.release(run);
        });
      }
      ui.say(`${ui.talk.green('✔')} ${withdraw === true ? 'Taken back' : 'Approved'}: run ${run}.`);
      return { json: { run } };
    },
  };
}

export const releaseStudy = release('study');
export const releaseLink = release('link');
export const releaseSealed = release('seal');
