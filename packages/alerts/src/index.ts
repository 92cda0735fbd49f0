export type { ClinicalEvent, Coding, Measured } from './event.ts';
export type { AlertMessage } from './message.ts';
