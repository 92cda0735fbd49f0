import { useEffect } from 'react';
import { whenAnswered } from '../api/call.ts';
import type { Answer } from '../api/operations.ts';
import { useAll } from '../api/queries.ts';
import { whenHappened } from './happened.ts';
import { markDone } from './state.ts';
import type { StepId } from './steps.ts';

/** Notices by what the server answers, and by what the browser has verified, which steps are done. What is done before its step comes counts too. @param study of the tour */
export function useNoticed(study: Answer<'listStudies'>['items'][number] | undefined, at: StepId): void {
  const runs = useAll('listStudyRuns', {}, { enabled: at === 'run' });
  const approved = study !== undefined && study.approvals.length >= study.approvalsNeeded;
  const ran = runs.data?.items.some((run) => run.study === study?.name && run.state === 'done') === true;
  useEffect(() => {
    if (approved) markDone('approve');
    if (ran) markDone('run');
  }, [approved, ran]);
  useEffect(
    () =>
      whenAnswered((name, { answer, code }) => {
        if (name === 'getStudyReport' && answer !== undefined) markDone('result');
        const fault = name === 'checkStudy' ? (answer as Answer<'checkStudy'> | undefined)?.fault?.code : undefined;
        if (name === 'checkStudy' || name === 'askStudy') {
          if ((code ?? fault) === 'study-policy') markDone('forbidden');
        }
      }),
    [],
  );
  useEffect(() => whenHappened('log-verified', () => markDone('verify')), []);
  useEffect(() => whenHappened('tampering-found', () => markDone('tamper')), []);
}
