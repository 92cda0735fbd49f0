import fc from '../../node_modules/fast-check/lib/fast-check.js';

// Every run tries the same inputs, so that a change that fails has made what fails. PROPERTY_SEED=random looks for others; a number repeats one run.
const { PROPERTY_SEED: seed = '20261122' } = process.env;
if (seed !== 'random') fc.configureGlobal({ seed: Number(seed) });

export * from '../../node_modules/fast-check/lib/fast-check.js';
export default fc;
