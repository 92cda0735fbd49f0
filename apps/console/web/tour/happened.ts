/** What only the browser knows: the outcome of a verification of the log. */
export type Happening = 'log-verified' | 'tampering-found';

const target = new EventTarget();

/** Tells the tour, if there is one, what was found in this browser. */
export function happened(what: Happening): void {
  target.dispatchEvent(new Event(what));
}

/** @returns stops listening */
export function whenHappened(what: Happening, listener: () => void): () => void {
  target.addEventListener(what, listener);
  return () => target.removeEventListener(what, listener);
}
