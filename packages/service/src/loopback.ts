/** Addresses and names that only this machine reaches. */
export const loopback: readonly string[] = ['localhost', '127.0.0.1', '::1'];

/** Whether only this machine reaches a listener on this address. */
export function isLoopback(host: string): boolean {
  return loopback.includes(host);
}
