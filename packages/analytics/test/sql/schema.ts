import type { Schema } from '../../src/index.ts';

/** Two hospitals with visits, an insurer, and a statistics office. */
export const schema: Schema = {
  tables: {
    visits: {
      parties: ['north', 'south'],
      maxRows: 50_000,
      patient: 'pid',
      columns: {
        pid: { type: 'text', policy: 'join', required: true },
        kind: { type: 'text', values: ['family', 'specialist'], policy: 'group', required: true },
        seen: { type: 'date', min: '2020-01-01', max: '2021-12-31', policy: 'group' },
        minutes: { type: 'number', min: '-10', max: '240', policy: 'filter' },
        cost: { type: 'number', min: '-50.00', max: '5000.00', scale: 2, policy: 'aggregate' },
        urgent: { type: 'boolean', policy: 'group' },
        note: { type: 'text', policy: 'filter' },
        ward: { type: 'text', policy: 'group' },
        secret: { type: 'number', min: '0', max: '9', policy: 'hidden' },
      },
    },
    insured: {
      parties: ['insurer'],
      maxRows: 100_000,
      patient: 'pid',
      onePerPatient: true,
      columns: {
        pid: { type: 'text', policy: 'join', required: true },
        born: { type: 'date', min: '1900-01-01', max: '2020-12-31', policy: 'filter' },
        sex: { type: 'text', values: ['f', 'm'], policy: 'group' },
        region: { type: 'text', values: ['east', 'west', 'abroad'], policy: 'group' },
        paid: { type: 'number', min: '0.00', max: '9999.99', scale: 2, policy: 'filter' },
        app: { type: 'boolean', policy: 'group' },
        level: { type: 'number', min: '-1', max: '3', policy: 'group' },
        joined: { type: 'date', min: '2019-06-01', max: '2021-12-31', policy: 'filter' },
      },
    },
    census: {
      parties: ['office'],
      maxRows: 200_000,
      patient: 'person',
      onePerPatient: true,
      columns: {
        person: { type: 'text', policy: 'join', required: true },
        education: { type: 'number', min: '1', max: '3', policy: 'group' },
        residence: { type: 'text', values: ['west', 'east', 'north'], policy: 'group' },
        income: { type: 'number', min: '0', max: '1000000000', policy: 'filter' },
      },
    },
  },
  joins: [
    { hub: 'visits', spoke: 'insured', on: [['pid', 'pid']] },
    { hub: 'visits', spoke: 'census', on: [['pid', 'person']] },
  ],
  minPatients: 3,
};
