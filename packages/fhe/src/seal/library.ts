import initialize, { type MainModule, type SEALContext } from 'node-seal';
import { plainModulus, primes, slotCount } from '../parameters.ts';

/** SEAL in WebAssembly, with a context of our parameters. Its memory grows and never shrinks, so evaluation belongs in processes that end. */
export interface Seal {
  readonly module: MainModule;
  readonly context: SEALContext;
}

let opened: Promise<Seal> | undefined;

/** SEAL, loaded on first use. Throws if it does not make the parameters that stand in `parameters.ts`. */
export function openSeal(): Promise<Seal> {
  opened ??= load();
  return opened;
}

async function load(): Promise<Seal> {
  const module = await initialize();
  const { SecLevelType, SchemeType, CoeffModulus, EncryptionParameters, PlainModulus, SEALContext } = module;
  using parameters = new EncryptionParameters(SchemeType.bgv);
  parameters.setPolyModulusDegree(slotCount);
  using moduli = CoeffModulus.BFVDefault(slotCount, SecLevelType.tc128);
  parameters.setCoeffModulus(moduli);
  using plain = PlainModulus.Batching(slotCount, 20);
  parameters.setPlainModulus(plain);
  const found = Array.from({ length: moduli.size() }, (_, i) => moduli.get(i)!.value());
  const context = new SEALContext(parameters, true, SecLevelType.tc128);
  const isOurs = context.parametersSet() && plain.value() === BigInt(plainModulus) && found.join() === primes.join();
  if (!isOurs) throw new Error('SEAL has other parameters than those that were reviewed');
  return { module, context };
}
