import { type Answer, type Input, type LooseInput, type OperationName, pathOf } from './operations.ts';

/**
 * Follows a stream of server-sent events. The browser takes up a broken connection after the last event it got (Last-Event-ID), as often as it must.
 * @param told each event
 * @param ended the stream is over, as a job is; not called after the returned function was
 * @returns stops following
 */
export function follow<Name extends OperationName>(
  name: Name,
  input: Input<Name>,
  { told, ended }: { told: (event: Answer<Name>) => void; ended: () => void },
): () => void {
  const source = new EventSource(pathOf(name, input as LooseInput), { withCredentials: true });
  source.onmessage = ({ data }) => told(JSON.parse(data as string) as Answer<Name>);
  // The server ends a stream without words: the browser then asks again, and is told what came since, or that there is nothing more.
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) ended();
  };
  return () => source.close();
}
