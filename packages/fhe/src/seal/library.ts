import initialize, {
  type EncryptionParameters,
  type MainModule,
  type SEALContext,
  type VectorModulus,
} from 'node-seal';
import { plainModulus, primes, slotCount } from '../parameters.ts';
import { scorePrimes } from '../score/parameters.ts';

/** SEAL in WebAssembly, with a context of our parameters. Its memory grows and never shrinks, so evaluation belongs in processes that end. */
export interface Seal {
  readonly module: MainModule;
  readonly context: SEALContext;
}

let library: Promise<MainModule> | undefined;
let opened: Promise<Seal> | undefined;
let openedScores: Promise<Seal> | undefined;

/** SEAL for exact tables (BGV), loaded on first use. Throws if it does not make the parameters that stand in `parameters.ts`. */
export function openSeal(): Promise<Seal> {
  opened ??= load((module) => {
    const { SecLevelType, SchemeType, CoeffModulus, PlainModulus } = module;
    const parameters = new module.EncryptionParameters(SchemeType.bgv);
    using moduli = CoeffModulus.BFVDefault(slotCount, SecLevelType.tc128);
    using plain = PlainModulus.Batching(slotCount, 20);
    setModuli(parameters, moduli, primes);
    parameters.setPlainModulus(plain);
    if (plain.value() !== BigInt(plainModulus)) throw unreviewed();
    return parameters;
  });
  return opened;
}

/** Loads SEAL for exact tables, so that what needs it begins at once. */
export async function warmUp(): Promise<void> {
  await openSeal();
}

/** SEAL for scores (CKKS). Throws if it does not make the parameters that stand in `score/parameters.ts`. */
export function openScoreSeal(): Promise<Seal> {
  openedScores ??= load((module) => {
    const parameters = new module.EncryptionParameters(module.SchemeType.ckks);
    using moduli = module.CoeffModulus.Create(slotCount, Int32Array.of(60, 40, 60));
    setModuli(parameters, moduli, scorePrimes);
    return parameters;
  });
  return openedScores;
}

function setModuli(parameters: EncryptionParameters, moduli: VectorModulus, wanted: readonly bigint[]): void {
  const found = Array.from({ length: moduli.size() }, (_, i) => moduli.get(i)!.value());
  if (found.join() !== wanted.join()) throw unreviewed();
  parameters.setPolyModulusDegree(slotCount);
  parameters.setCoeffModulus(moduli);
}

async function load(make: (module: MainModule) => EncryptionParameters): Promise<Seal> {
  library ??= initialize();
  const module = await library;
  using parameters = make(module);
  const context = new module.SEALContext(parameters, true, module.SecLevelType.tc128);
  if (!context.parametersSet()) throw unreviewed();
  return { module, context };
}

const unreviewed = () => new Error('SEAL has other parameters than those that were reviewed');
