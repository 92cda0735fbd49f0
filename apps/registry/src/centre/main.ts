import { createLogger, runServer } from '@symbolon/service';
import { startCentre } from './start.ts';

const logger = createLogger({ id: 'centre', logLevel: 'info' });
await runServer({ start: () => startCentre({ homePath: process.argv[2] ?? '.' }), logger });
