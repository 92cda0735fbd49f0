// All that a module's administrators can ask, on the socket in the folder or over the network.
export * from './patient-contracts.ts';
export * from './physician-contracts.ts';
export * from './server-contracts.ts';
