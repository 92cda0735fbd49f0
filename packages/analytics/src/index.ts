export * from './join/index.ts';
export * from './regression/index.ts';
export * from './secure/index.ts';
export * from './session/index.ts';
export * from './sql/index.ts';
export * from './statistics/index.ts';
export * from './study/index.ts';
export * from './survival/index.ts';
