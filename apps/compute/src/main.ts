import { createLogger, runServer } from '@symbolon/service';
import { startCompute } from './start.ts';

const logger = createLogger({ id: 'compute', logLevel: 'info' });
await runServer({ start: () => startCompute({ homePath: process.argv[2] ?? '.' }), logger });
