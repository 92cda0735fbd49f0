import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { call } from '../../../api/call.ts';
import { Problem } from '../../../api/problem.ts';
import { bytesOf } from '../../../parts/base64url.ts';
import { download } from '../../../parts/download.ts';
import { ProblemNote } from '../../../parts/problem.tsx';
import { texts } from '../../../texts/index.ts';
import type { Run } from '../agreed.ts';

const words = texts.studies.result;
type Format = 'html' | 'csv' | 'json';
const types: Readonly<Record<Format, string>> = { html: 'text/html', csv: 'text/csv', json: 'application/json' };

/** The result as files, and what all parties signed of it. @param report whether there is a result to save */
export function Save({ run, report }: { run: Run; report: boolean }): ReactNode {
  const [error, setError] = useState<Problem>();
  if (run.state !== 'done') return null;
  const params = { run: run.id };
  const file = (name: string): string => `${run.study}-${run.id}-${name}`;
  const tried = async (work: () => Promise<void>): Promise<void> => {
    setError(undefined);
    await work().catch((failure: unknown) =>
      setError(failure instanceof Problem ? failure : new Problem('offline', '')),
    );
  };
  const save = (format: Format) =>
    tried(async () => {
      const { files } = await call('exportStudyReport', { params, query: { format } });
      for (const { name, text } of files) download(file(name), text, types[format]);
    });
  const saveStatement = () =>
    tried(async () => {
      const { statement } = await call('getStudyStatement', { params });
      if (statement === null) return;
      download(file('statement.json'), new Blob([bytesOf(statement)], { type: 'application/json' }));
    });
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" leftSection={<IconDownload size={16} />}>
            {words.save}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {report ? (
            <>
              <Menu.Item onClick={() => void save('html')}>{words.saveReport}</Menu.Item>
              <Menu.Item onClick={() => void save('csv')}>{words.saveCsv}</Menu.Item>
              <Menu.Item onClick={() => void save('json')}>{words.saveJson}</Menu.Item>
            </>
          ) : null}
          <Menu.Item onClick={() => void saveStatement()}>{words.saveStatement}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ProblemNote error={error} />
    </>
  );
}
