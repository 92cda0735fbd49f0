import { systemRng } from '@symbolon/crypto';
import { survive } from '../../apps/registry/test/centre/kills.ts';
import { Network } from '../../apps/registry/test/centre/network.ts';
import { type Row, row, rowAtLeast } from '../row.ts';

/** Central servers side by side: most of the time goes into starting one again. */
const servers = 4;
const killsOfEach = 125;
const kills = servers * killsOfEach;

/**
 * Central servers whose processes are killed (SIGKILL) at a random moment of a re-identification, again and again. It ends with an error where a patient's card does
 * not open the records any more, or a pair is used twice.
 */
export async function run(): Promise<Row[]> {
  const told = progress();
  const visits = await Promise.all(Array.from({ length: servers }, (_, i) => visitsOf((done) => told(i, done))));
  const all = visits.reduce((sum, some) => sum + some, 0);
  return [
    rowAtLeast(
      'registry',
      'kill -9 of central servers, nobody locked out, no pair used twice',
      all,
      kills,
      'kills',
      kills,
    ),
    row('registry', 'visits meanwhile, all of them answered', kills, all, 'visits'),
  ];
}

async function visitsOf(told: (kills: number) => void): Promise<number> {
  const network = await Network.make({ settings: { maxRequestsPerMinute: 100_000 } });
  try {
    return await survive(network, systemRng, killsOfEach, told);
  } finally {
    await network.close();
  }
}

/** Says on stderr, now and then, how far the servers are together. */
function progress(): (server: number, done: number) => void {
  const each = new Array<number>(servers).fill(0);
  let said = 0;
  return (server, done) => {
    each[server] = done;
    const all = each.reduce((sum, some) => sum + some, 0);
    if (all < said + 25) return;
    said = all;
    console.error(`${all} of ${kills} kills after ${Math.round(process.uptime())} s`);
  };
}
