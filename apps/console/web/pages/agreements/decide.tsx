import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import type { OperationName } from '../../api/operations.ts';
import { useDo } from '../../api/queries.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { texts } from '../../texts/index.ts';

const words = texts.agreements.act;
type Of = { readonly hash: string };

/** Signs, and sends it to all others. That a partner does not answer undoes no signature: it can be sent again. */
export function Sign({ hash }: Of): ReactNode {
  const send = useDo('sendAgreement');
  const sign = useDo('signAgreement', () => send.mutate({ params: { hash } }));
  return (
    <Confirm
      label={words.sign}
      title={words.signTitle}
      what={words.signWhat}
      go={words.signGo}
      tone="primary"
      pending={sign.isPending}
      error={sign.error}
      done={sign.isSuccess}
      onConfirm={() => sign.mutate({ params: { hash } })}
    />
  );
}

/** Forgets what this organisation has not signed. */
export function Discard({ hash }: Of): ReactNode {
  const [, go] = useLocation();
  const discard = useDo('discardAgreement', () => go('/agreements'));
  return (
    <Confirm
      label={words.discard}
      title={words.discardTitle}
      what={words.discardWhat}
      tone="danger"
      pending={discard.isPending}
      error={discard.error}
      done={discard.isSuccess}
      onConfirm={() => discard.mutate({ params: { hash } })}
    />
  );
}

type Saying = Extract<
  OperationName,
  'declineAgreement' | 'suspendAgreement' | 'resumeAgreement' | 'lapseAgreement' | 'revokeAgreement'
>;

/** What this organisation says by itself, with its reason. */
function Say({
  operation,
  hash,
  word,
  ...shown
}: Of & {
  operation: Saying;
  label: string;
  title: string;
  what: readonly string[];
  word?: string;
  tone?: 'default' | 'danger';
}): ReactNode {
  const say = useDo(operation);
  return (
    <Confirm
      {...shown}
      {...(word === undefined ? {} : { word })}
      reason
      pending={say.isPending}
      error={say.error}
      done={say.isSuccess}
      onConfirm={(reason) => say.mutate({ params: { hash }, body: { reason } })}
    />
  );
}

export function Decline({ hash }: Of): ReactNode {
  const { decline: label, declineTitle: title, declineWhat: what } = words;
  return <Say operation="declineAgreement" {...{ hash, label, title, what }} />;
}

export function Suspend({ hash }: Of): ReactNode {
  const { suspend: label, suspendTitle: title, suspendWhat: what } = words;
  return <Say operation="suspendAgreement" {...{ hash, label, title, what }} />;
}

export function Resume({ hash }: Of): ReactNode {
  const { resume: label, resumeTitle: title, resumeWhat: what } = words;
  return <Say operation="resumeAgreement" {...{ hash, label, title, what }} />;
}

export function Lapse({ hash }: Of): ReactNode {
  const { lapse: label, lapseTitle: title, lapseWhat: what } = words;
  return <Say operation="lapseAgreement" {...{ hash, label, title, what }} />;
}

export function Revoke({ hash }: Of): ReactNode {
  const { revoke: label, revokeTitle: title, revokeWhat: what, revokeWord: word } = words;
  return <Say operation="revokeAgreement" tone="danger" {...{ hash, label, title, what, word }} />;
}
