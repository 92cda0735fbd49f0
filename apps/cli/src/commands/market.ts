import type { LicenceInfo, ShownOffer } from '@symbolon/party';
import type { Leaf } from '../command.ts';
import { licenceTable, licenceText } from '../licence-text.ts';
import { withView } from '../organisation.ts';
import { facts, number, table } from '../ui.ts';
import { readWrittenFile } from '../written-file.ts';

/** `symbolon market list`. */
export const list: Leaf<object> = {
  name: 'list',
  summary: 'the own catalogue: what partners see of what is offered',
  served: true,
  examples: ['symbolon market list'],
  run: async ({ ui, at }) => {
    const offers = await withView(at, ({ market }) => market.offers());
    if (offers.length === 0) ui.say('The catalogue is empty. Publish a data set: symbolon market publish FILE');
    return { json: offers, text: offers.map(offerText).join('\n\n') };
  },
};

/** `symbolon market publish`. */
export const publish: Leaf<{ withdraw?: true }> = {
  name: 'publish <file>',
  summary: 'offer a data set: columns, allowed methods, price; partners see it from now on',
  description:
    'Signs an entry of the catalogue, as a YAML or JSON file says it. Of the records it takes the power of ten of their number and nothing else.\n' +
    'With --withdraw, the name of an entry stands in the place of the file.',
  served: true,
  examples: ['symbolon market publish visits.yaml', 'symbolon market publish visits --withdraw'],
  options: (command) => command.option('--withdraw', 'take an entry out; licences that were given stay'),
  run: async ({ ui, at }, [file], { withdraw }) => {
    if (withdraw === true) {
      await withView(at, ({ market }) => market.withdraw(file!));
      ui.say(`${ui.talk.green('✔')} ${file} is not offered any more.`);
      return { json: { withdrawn: file } };
    }
    const offer = await withView(at, ({ market }) => market.publish(readWrittenFile(file!)));
    ui.say(`${ui.talk.green('✔')} ${offer.name} is in the catalogue.`);
    return { json: offer, text: offerText({ offer, sample: [] }) };
  },
};

/** `symbolon market browse`. */
export const browse: Leaf<object> = {
  name: 'browse <partner>',
  summary: "a partner's catalogue, asked now",
  served: true,
  examples: ['symbolon market browse general-hospital'],
  run: async ({ ui, at }, [partner]) => {
    const offers = await withView(at, ({ market }) => market.offers(partner!));
    if (offers.length === 0) ui.say(`${partner} offers nothing.`);
    return { json: offers, text: offers.map(offerText).join('\n\n') };
  },
};

/** `symbolon market request`. */
export const request: Leaf<{ without: string[] }> = {
  name: 'request <file>',
  summary: 'ask the owners of catalogue entries for a licence',
  description:
    'Drafts a licence from a YAML or JSON file and the catalogues that it names, signs it and sends it. Whoever may not sign leaves a draft.',
  served: true,
  examples: ['symbolon market request visits-by-region.yaml', 'symbolon market request pool.yaml --without insurer'],
  options: (command) =>
    command.option('--without <owner>', 'leave out an owner who declined; repeat it for several', collect, []),
  run: async ({ ui, at }, [file], { without }) => {
    const info = await withView(at, ({ market }) => market.request(readWrittenFile(file!), without));
    const short = info.hash.slice(0, 8);
    const afterwards = (): void =>
      ui.note(
        info.state === 'draft'
          ? `Next, by somebody who may sign: symbolon agreement sign ${short}; symbolon agreement send ${short}`
          : `Next: wait for ${info.missing.join(', ')}. See: symbolon market requests`,
      );
    return { json: info, text: licenceText(info), afterwards };
  },
};

/** `symbolon market fetch`. */
export const fetch: Leaf<object> = {
  name: 'fetch',
  summary: 'ask partners for what is new: answers, signatures, notices; where they cannot reach this machine',
  served: true,
  examples: ['symbolon market fetch'],
  run: async ({ ui, at }) => {
    const news = await withView(at, ({ market }) => market.fetch());
    if (news.length === 0) ui.say('Nothing is new.');
    return { json: { news }, text: news.map((hash) => `${hash.slice(0, 8)} has changed`).join('\n') };
  },
};

/** `symbolon market requests`. */
export const requests: Leaf<object> = {
  name: 'requests',
  summary: 'requests for licences that wait for an answer',
  served: true,
  examples: ['symbolon market requests'],
  run: async ({ ui, at }) => {
    const open = await withView(at, ({ market }) => market.requests());
    if (open.length === 0) ui.say('No requests wait.');
    const beyond = open.flatMap(({ hash, beyond: lines }) => lines.map((line) => `${hash.slice(0, 8)}: ${line}`));
    const text = open.length === 0 ? '' : licenceTable(open);
    const more = beyond.length === 0 ? '' : `\n\nBeyond the catalogue:\n${beyond.join('\n')}`;
    return { json: open, text: `${text}${more}` };
  },
};

/** `symbolon market approve`. */
export const approve: Leaf<{ studies?: true; beyond?: true }> = {
  name: 'approve <licence>',
  summary: 'grant a licence that was asked for, or accept an answer',
  served: true,
  examples: ['symbolon market approve 3kQx9a --studies'],
  options: (command) =>
    command
      .option('--studies', 'approve its listed studies too')
      .option('--beyond', 'though it asks for more than the catalogue says'),
  run: async ({ at }, [hash], options) => shown(await withView(at, ({ market }) => market.approve(hash!, options))),
};

/** `symbolon market counter`. */
export const counter: Leaf<{ with: string }> = {
  name: 'counter <licence>',
  summary: 'answer a request with a changed version',
  description:
    'The fields of a YAML or JSON file stand in the place of those of the licence (null takes one out). It is signed and sent.',
  served: true,
  examples: ['symbolon market counter 3kQx9a --with changes.yaml'],
  options: (command) => command.requiredOption('--with <file>', 'the fields that change'),
  run: async ({ at }, [hash], { with: file }) => {
    const changes = readWrittenFile(file);
    return shown(await withView(at, ({ market }) => market.counter(hash!, changes)));
  },
};

/** `symbolon market decline`. */
export const decline: Leaf<{ reason: string }> = {
  name: 'decline <licence>',
  summary: 'say no to a request',
  served: true,
  examples: ['symbolon market decline 3kQx9a --reason "Not for this purpose"'],
  options: (command) => command.requiredOption('--reason <words>', 'why; all its parties are told'),
  run: async ({ at }, [hash], { reason }) => shown(await withView(at, ({ market }) => market.decline(hash!, reason))),
};

function shown(info: LicenceInfo) {
  return { json: info, text: licenceText(info) };
}

function offerText({ offer, sample }: ShownOffer): string {
  const { price, quota = {}, rows } = offer;
  const sums = [
    ...(price?.perRun === undefined ? [] : [`${price.perRun} ${price.currency} a run`]),
    ...(price?.perMonth === undefined ? [] : [`${price.perMonth} ${price.currency} a month`]),
    ...(price?.freeFor === undefined ? [] : [`free for ${price.freeFor.join(', ')}`]),
  ];
  const limits = Object.entries(quota).map(([time, limit]) => `${limit} ${limitWords[time]}`);
  const columns = Object.entries(offer.columns).map(([name, column]) => {
    const range =
      'min' in column ? `${column.min} to ${column.max}` : 'values' in column ? column.values!.join(', ') : '';
    const unit = 'unit' in column && column.unit !== undefined ? ` ${column.unit}` : '';
    return [name, column.type, column.policy, `${range}${unit}`, column.description ?? ''];
  });
  const about = facts([
    ['entry', `${offer.name} of ${offer.by}: ${offer.title}`],
    ['about', offer.description],
    ['rows', `${number(rows.from)} to ${number(rows.to)}`],
    ['methods', offer.methods.join(', ')],
    ['purposes', offer.purposes.join(', ')],
    ['opens', `values with ${number(offer.minPatients)} patients or more behind them`],
    ['price', sums.join(', ') || 'none'],
    ['runs', limits.join(', ') || 'as agreed'],
  ]);
  const names = Object.keys(offer.columns);
  const rowsOf = sample.map((row) => names.map((name) => row[name] ?? ''));
  const made = sample.length === 0 ? '' : `\n\nMade-up rows, from the ranges alone:\n${table(names, rowsOf)}`;
  return `${about}\n\n${table(['column', 'type', 'use', 'range', 'about'], columns)}${made}`;
}

const limitWords: Readonly<Record<string, string>> = { perDay: 'a day', perMonth: 'a month', perTerm: 'over the term' };

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}
