import { createLogger, runServer } from '@symbolon/service';
import { startKeyservice } from './start.ts';

const logger = createLogger({ id: 'keyservice', logLevel: 'info' });
await runServer({ start: () => startKeyservice({ homePath: process.argv[2] ?? '.' }), logger });
