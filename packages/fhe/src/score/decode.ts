import { slotCount } from '../parameters.ts';
import { scoreSlots } from './parameters.ts';

/**
 * The real parts of the values in slots of a plain polynomial with real coefficients: slot i is its value at ζ to the power 3^i, ζ = e^(πi/N), as SEAL
 * places them (native/src/seal/ckks.h; Cheon et al. §2). Cooley–Tukey, after turning coefficient k by ζ^k.
 */
export function realSlots(coefficients: Float64Array): Float64Array {
  const n = slotCount;
  const real = new Float64Array(n);
  const imaginary = new Float64Array(n);
  const bits = Math.log2(n);
  for (let k = 0; k < n; k++) {
    const place = reversed(k, bits);
    real[place] = coefficients[k]! * Math.cos((Math.PI * k) / n);
    imaginary[place] = coefficients[k]! * Math.sin((Math.PI * k) / n);
  }
  for (let half = 1; half < n; half *= 2) {
    for (let j = 0; j < half; j++) {
      const [cos, sin] = [Math.cos((Math.PI * j) / half), Math.sin((Math.PI * j) / half)];
      for (let i = j; i < n; i += 2 * half) {
        const re = real[i + half]! * cos - imaginary[i + half]! * sin;
        const im = real[i + half]! * sin + imaginary[i + half]! * cos;
        [real[i + half], imaginary[i + half]] = [real[i]! - re, imaginary[i]! - im];
        [real[i], imaginary[i]] = [real[i]! + re, imaginary[i]! + im];
      }
    }
  }
  const slots = new Float64Array(scoreSlots);
  for (let i = 0, power = 1; i < scoreSlots; i++, power = (power * 3) % (2 * n)) slots[i] = real[(power - 1) / 2]!;
  return slots;
}

function reversed(i: number, bits: number): number {
  let out = 0;
  for (let bit = 0; bit < bits; bit++) out = (out << 1) | ((i >>> bit) & 1);
  return out;
}
