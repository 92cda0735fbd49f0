import { insecureTestRng } from '@symbolon/crypto';
import { expect, onTestFinished, test } from 'vitest';
import { survive } from './kills.ts';
import { Network } from './network.ts';

const kills = process.env.SLOW === undefined ? 4 : 50;

test(`a server whose process is killed ${kills} times: nobody is locked out, and no pair is used twice`, async () => {
  const network = await Network.make();
  onTestFinished(() => network.close());
  expect(await survive(network, insecureTestRng('kills'), kills)).toBeGreaterThanOrEqual(kills);
}, 600_000);
