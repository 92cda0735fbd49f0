import { Anchor, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useAsk } from '../../../api/queries.ts';
import { useSession } from '../../../api/session.tsx';
import { Asked } from '../../../parts/asked.tsx';
import { Moment } from '../../../parts/moment.tsx';
import { Page } from '../../../parts/page.tsx';
import { Release } from '../../../parts/release.tsx';
import { State } from '../../../parts/state.tsx';
import { texts } from '../../../texts/index.ts';
import { nameOf, type Run } from '../agreed.ts';
import { Ended } from './ended.tsx';
import { Facts } from './facts.tsx';
import { Result } from './result.tsx';
import { Save } from './save.tsx';

const words = texts.studies.result;

/** One run: what it was, and what it left in this house. */
export function RunPage({ run: id }: { run: number }): ReactNode {
  const run = useAsk('getStudyRun', { params: { run: id } });
  return <Asked query={run}>{(found) => <OneRun run={found} />}</Asked>;
}

function OneRun({ run }: { run: Run }): ReactNode {
  const { may } = useSession();
  const self = useAsk('getStatus', {}).data?.id;
  const agreement = useAsk('getAgreement', { params: { hash: run.agreement } }).data;
  const receivers = run.details?.to
    .map((party) => (agreement === undefined ? party : nameOf(agreement, party)))
    .join(', ');
  const received = run.details?.to.includes(self ?? '') === true;
  const shown = received && may('study.result');
  const report = useAsk('getStudyReport', { params: { run: run.id } }, { enabled: shown, retry: false });
  return (
    <Page
      title={received ? words.title(run.study) : words.runTitle(run.study)}
      actions={<Save run={run} report={report.data !== undefined} />}
    >
      <Stack gap="xl">
        <Facts
          facts={[
            [texts.studies.run, texts.studies.runNumber(run.id)],
            [
              texts.studies.study,
              <Anchor key="study" component={Link} href={`/studies/${run.agreement}/${run.study}`}>
                {run.study}
              </Anchor>,
            ],
            [texts.studies.state, <State key="state" state={run.state} />],
            [words.ended, run.endedAt === null ? texts.common.none : <Moment key="ended" at={run.endedAt} />],
            [texts.studies.receivers, receivers ?? texts.common.none],
          ]}
        />
        {run.state === 'done' ? null : <Ended run={run} />}
        {run.state === 'done' && received ? <Release kind="study" run={run.id} agreement={run.agreement} /> : null}
        {shown && report.error?.code !== 'unapproved' ? (
          <Asked query={report}>{(found) => <Result report={found} name={run.study} />}</Asked>
        ) : null}
        {run.state !== 'done' || shown || self === undefined ? null : (
          <Text>{received ? words.notAllowed : words.notForUs(receivers ?? '')}</Text>
        )}
      </Stack>
    </Page>
  );
}
