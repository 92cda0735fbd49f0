import { systemRng } from '@symbolon/crypto';
import { survive } from '../../apps/registry/test/centre/kills.ts';
import { Network } from '../../apps/registry/test/centre/network.ts';
import { type Row, row, rowAtLeast } from '../row.ts';

const kills = 500;

/**
 * A central server whose process is killed (SIGKILL) at a random moment of a re-identification, again and again. It ends with an error where a patient's card does
 * not open the records any more, or a pair is used twice.
 */
export async function run(): Promise<Row[]> {
  const network = await Network.make({ settings: { maxRequestsPerMinute: 100_000 } });
  try {
    const visits = await survive(network, systemRng, kills);
    return [
      rowAtLeast(
        'registry',
        'kill -9 of the central server, nobody locked out, no pair used twice',
        visits,
        kills,
        'kills',
        kills,
      ),
      row('registry', 're-identifications meanwhile, all of them answered', kills, visits, 'visits'),
    ];
  } finally {
    await network.close();
  }
}
