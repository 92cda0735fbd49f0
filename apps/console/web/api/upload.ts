import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { csrfHeader, refused, tell } from './call.ts';
import { type Answer, addressOf, type Input, pathOf } from './operations.ts';
import { Problem } from './problem.ts';
import { changed } from './queries.ts';

type Asked = Input<'uploadDataset'> & { readonly file: Blob };
type Made = Answer<'uploadDataset'>;

/**
 * Sends a file, which becomes a data set. Leaving the page ends the sending, and the server keeps nothing of it.
 * @param done called with the data set
 * @returns also the bytes that are sent, and what stops it
 */
export function useUpload(done: (made: Made) => void) {
  const [sent, setSent] = useState(0);
  const leaving = useRef<AbortController>(undefined);
  useEffect(() => () => leaving.current?.abort(), []);
  const upload = useMutation<Made, Problem, Asked>({
    mutationFn: (asked) => {
      setSent(0);
      leaving.current = new AbortController();
      return send(asked, setSent, leaving.current.signal);
    },
    onSuccess: async (made) => {
      await changed();
      done(made);
    },
  });
  return { ...upload, sent, stop: () => leaving.current?.abort() };
}

/** By XMLHttpRequest: `fetch` does not tell how much is sent. Throws {@link Problem}, `stopped` where the signal ended it. */
async function send({ file, ...input }: Asked, told: (bytes: number) => void, signal: AbortSignal): Promise<Made> {
  const [method] = addressOf('uploadDataset');
  const request = new XMLHttpRequest();
  request.open(method, pathOf('uploadDataset', input));
  const headers = { accept: 'application/json', 'content-type': 'application/octet-stream', ...csrfHeader() };
  for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
  const response = await new Promise<Response>((resolve, reject) => {
    request.upload.onprogress = ({ loaded }) => told(loaded);
    request.onload = () => resolve(new Response(request.responseText, { status: request.status }));
    request.onerror = () => reject(new Problem('offline', ''));
    request.onabort = () => reject(new Problem('stopped', ''));
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
  if (!response.ok) throw await refused('uploadDataset', response);
  const answer = (await response.json()) as Made;
  tell('uploadDataset', { answer });
  return answer;
}
