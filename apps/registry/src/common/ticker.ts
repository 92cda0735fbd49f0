/** Does something now and again, one time after the other; what goes wrong is told, and tried again the next time. */
export function ticker(
  work: () => Promise<void>,
  milliseconds: number,
  failed: (error: unknown) => void,
): { close(): Promise<void> } {
  let last: Promise<void> = Promise.resolve();
  const look = () => {
    last = last.then(work).catch(failed);
  };
  look();
  const timer = setInterval(look, milliseconds).unref();
  return {
    async close() {
      clearInterval(timer);
      await last;
    },
  };
}
