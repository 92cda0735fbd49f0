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
import { legalBases, purposes } from './purposes.ts';
import { registry } from './registry.ts';
import { settings } from './settings.ts';
import { shell } from './shell.ts';
import { studies } from './studies.ts';
import { tour } from './tour.ts';

/** All that the console says, page by page. Nothing that a person reads stands anywhere else. */
// biome-ignore format: a line each
export const texts = {
  agreements,
  alerts,
  common,
  data,
  help,
  home,
  legalBases,
  links,
  log,
  login,
  market,
  outsourced,
  people,
  purposes,
  registry,
  settings,
  shell,
  studies,
  tour,
};
