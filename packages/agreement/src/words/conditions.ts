import { approvalRule, approvedActions } from '../approvals.ts';
import { purposeOf } from '../purpose.ts';
import { legalBases, purposes } from '../purposes.ts';
import type { Agreement } from '../schema.ts';
import { count, listed, type Words } from './text.ts';

/** For what the data is used, who must approve what, what may be done with results, how long, for how much: in words. */
export function conditionWords(agreement: Agreement): Words {
  const { price, quota, renewal, onwardUse = 'none', licence } = agreement;
  return [
    ...purposeWords(agreement),
    ['approvals', approvalWords(agreement).join('\n')],
    ['onward use', onwardWords(onwardUse)],
    ...(renewal === undefined ? [] : [['renewal', renewalWords(renewal)] as const]),
    ...(price === undefined ? [] : [['price', priceWords(price).join('\n')] as const]),
    ...(quota === undefined ? [] : [['quota', quotaWords(quota).join('\n')] as const]),
    ...(licence === undefined ? [] : [['licence', licenceWords(licence)] as const]),
  ];
}

function purposeWords({ purpose, parties }: Agreement): Words {
  if (purpose === undefined) return [];
  const uses = purpose.uses.map((code) => `${purposes[code]} (${code})`);
  const bases = parties.map(({ id }) => {
    const { text, legalBasis } = purposeOf(purpose, id);
    const own = text === purpose.text ? '' : `${text} `;
    return `${id}: ${own}${legalBasis.map((basis) => `${basis}, ${legalBases[basis]}`).join('; ')}`;
  });
  return [
    ['purpose', `${purpose.text}\n${uses.join(', ')}`],
    ['legal basis', bases.join('\n')],
  ];
}

const actionWords = {
  sign: 'signing',
  link: 'a link',
  study: 'a listed study',
  template: 'a choice of a template',
  free: 'a free study',
  alerts: 'alerts',
  outsource: 'outsourced computation',
  release: 'handing on a result',
} as const;

function approvalWords(agreement: Agreement): string[] {
  const { link, studies, alerts, outsourcing } = agreement;
  const arises = {
    sign: true,
    link: link !== undefined,
    study: (studies?.list.length ?? 0) > 0,
    template: studies?.templates !== undefined,
    free: studies?.free !== undefined,
    alerts: alerts !== undefined,
    outsource: outsourcing !== undefined,
    release: true,
  };
  return approvedActions.flatMap((action) => {
    if (!arises[action]) return [];
    const byRule = Map.groupBy(agreement.parties, ({ id }) => ruleWords(approvalRule(agreement, action, id)));
    const said = [...byRule].map(([rule, members]) =>
      byRule.size === 1 ? rule : `at ${listed(members.map(({ id }) => id))} ${rule}`,
    );
    return [`${actionWords[action]}: ${said.join('; ')}`];
  });
}

function ruleWords({ people, roles }: ReturnType<typeof approvalRule>): string {
  if (people === 0) return 'nobody';
  return `${people === 1 ? 'one person' : 'two different people'} (${roles.join(' or ')})`;
}

function onwardWords(onward: NonNullable<Agreement['onwardUse']>): string {
  if (onward === 'none') return 'none: results are for their receivers and the purpose above';
  const { purposes: codes, recipients, conditions } = onward;
  const what = `for ${listed(codes.map((code) => purposes[code]))}, to ${listed(recipients)}; nothing and nobody else`;
  return conditions === undefined ? what : `${what}\n${conditions}`;
}

function renewalWords({ months, noticeDays, until }: NonNullable<Agreement['renewal']>): string {
  return `by ${count(months, 'month')} each time the term ends, unless a party gives notice ${count(noticeDays, 'day')} before; until ${until} at most`;
}

function priceWords({
  currency,
  perRun,
  perMonth,
  paidBy,
  freeFor = [],
  split,
}: NonNullable<Agreement['price']>): string[] {
  const sums = [
    ...(perRun === undefined ? [] : [`${perRun} ${currency} for a run that ${paidBy.join(' or ')} starts`]),
    ...(perMonth === undefined
      ? []
      : [`${perMonth} ${currency} a month, from ${paidBy.length > 1 ? 'each of ' : ''}${listed(paidBy)}`]),
  ];
  const shares = Object.entries(split).map(([id, percent]) => `${id} ${percent} %`);
  return [
    ...sums,
    ...(freeFor.length === 0 ? [] : [`free for ${listed(freeFor.map((code) => purposes[code]))}`]),
    `goes to ${listed(shares)}`,
  ];
}

function quotaWords(quota: NonNullable<Agreement['quota']>): string[] {
  return Object.entries(quota).map(([id, { perDay, perMonth, perTerm }]) => {
    const limits = [
      [perDay, 'a day'],
      [perMonth, 'a month'],
      [perTerm, 'over the term'],
    ] as const;
    const said = limits.flatMap(([limit, time]) => (limit === undefined ? [] : [`${count(limit, 'run')} ${time}`]));
    return `${id} may start at most ${listed(said)}`;
  });
}

function licenceWords({ licensee, offers }: NonNullable<Agreement['licence']>): string {
  const from = offers.map(({ party, offer }) => `${offer.slice(0, 8)} of ${party}`);
  return `for ${licensee}, from catalogues: ${listed(from)}`;
}
