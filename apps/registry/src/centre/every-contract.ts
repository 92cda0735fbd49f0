// All that a centre's administrators and researchers can ask, on the socket in its folder or over the network.
export * from './alarms/api.ts';
export * from './contracts.ts';
export * from './export/api.ts';
export * from './records/api.ts';
export * from './statistics/api.ts';
