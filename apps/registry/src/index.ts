export { startOprf } from './oprf/start.ts';
