import { legalBases, purposes } from '@symbolon/agreement/purposes';
import { agreements } from './agreements.ts';
import { alerts } from './alerts.ts';
import { common } from './common.ts';
import { data } from './data.ts';
import { help } from './help.ts';
import { home } from './home.ts';
import { links } from './links.ts';
import { log } from './log.ts';
import { login } from './login.ts';
import { market } from './market.ts';
import { outsourced } from './outsourced.ts';
import { people } from './people.ts';
import { registry } from './registry.ts';
import { settings } from './settings.ts';
import { shell } from './shell.ts';
import { studies } from './studies.ts';
import { subjects } from './subjects.ts';
import { tour } from './tour.ts';

/** By codes of which a server may know more. */
type Words = Readonly<Record<string, string>>;

/** All that the console says, page by page. Nothing that a person reads stands anywhere else. */
// biome-ignore format: a line each
export const texts = {
  agreements,
  alerts,
  common,
  data,
  help,
  home,
  legalBases: legalBases as Words,
  links,
  log,
  login,
  market,
  outsourced,
  people,
  purposes: purposes as Words,
  registry,
  settings,
  shell,
  studies,
  subjects,
  tour,
};
