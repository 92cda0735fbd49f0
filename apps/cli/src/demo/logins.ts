import type { DemoSettings } from '@symbolon/party';
import { table } from '../ui.ts';
import { type House, players } from './cast.ts';

/** Where to open which pages, as whom, and what for. */
export function loginsText({ consoles, password, tour }: DemoSettings): string {
  const [first] = tour.approver;
  const ordered = [...consoles].sort((a, b) => Number(b.id === first) - Number(a.id === first));
  const rows = ordered.flatMap(({ id, name, url }) =>
    players[id as House].map(({ id: user, does }, i) => [i === 0 ? name : '', i === 0 ? url : '', user, does]),
  );
  return [table(['console', 'address', 'log in as', 'who'], rows), `The password of all of them: ${password}`].join(
    '\n\n',
  );
}

/** The same, for programs. */
export function loginsJson({ consoles, password }: DemoSettings): object {
  return { consoles, password };
}

/** Where to begin. */
export function beginText({ consoles, tour: { approver } }: DemoSettings): string {
  const [house, user] = approver;
  const { name, url } = consoles.find(({ id }) => id === house)!;
  return `Begin at ${name}: open ${url} and log in as ${user}. A guided tour of ten minutes is offered there.`;
}
