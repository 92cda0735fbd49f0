import { join } from 'node:path';
import { systemRng } from '@symbolon/crypto';
import type { DemoSettings } from '@symbolon/party';
import type { Cleanup } from '../cleanup.ts';
import type { LinkReport } from '../rehearsal/report.ts';
import type { StudyRehearsal } from '../rehearsal/study-rehearsal.ts';
import type { Ui } from '../ui.ts';
import { makeCast, settingsOf } from './cast.ts';
import { openConsoles, type Steps } from './consoles.ts';
import { tellStory } from './story.ts';

/** Servers with pages. */
export interface OpenWorld {
  readonly demo: DemoSettings;
  readonly servers: StudyRehearsal;
}

/** The story, told. */
export interface ToldWorld {
  readonly report: LinkReport;
  /** Lets its servers go on, until `cleanup`; resolves when all pages can be opened. */
  open(steps: Steps): Promise<OpenWorld>;
}

/** Plays the story in a folder, so that its servers can go on with pages. */
export async function tellWorld(params: { ui: Ui; cleanup: Cleanup; folder: string }): Promise<ToldWorld> {
  const { ui, cleanup, folder } = params;
  const demo = await makeCast(systemRng);
  const data = join(folder, 'data');
  const settings = { left: settingsOf('fred', demo, data), right: settingsOf('sally', demo, data) };
  const { report, rehearsal } = await tellStory({ ui, cleanup, folder, settings });
  const { left: fred, right: sally, keys } = rehearsal.homes;
  return {
    report,
    open: async (steps) => ({
      demo,
      servers: await openConsoles({ demo, folder, homes: { fred, sally, keys }, steps, cleanup }),
    }),
  };
}
