import {
  IconBell,
  IconBuildingStore,
  IconDeviceDesktop,
  IconEmergencyBed,
  IconFileDescription,
  IconFileExport,
  IconHome,
  IconLink,
  IconLock,
  IconReportAnalytics,
  IconSettings,
  IconStethoscope,
  IconTable,
  IconTimeline,
  IconUserMinus,
  IconUserSearch,
  IconUsers,
  IconUsersGroup,
  IconWriting,
} from '@tabler/icons-react';
import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import { server } from '../api/server.ts';
import type { Session } from '../api/session.tsx';
import { texts } from '../texts/index.ts';

/** A page of the console, in the order of the navigation. */
export interface PageEntry {
  /** First part of its address; '' is the first page. What comes after it is the page's own. */
  readonly path: string;
  readonly label: string;
  readonly icon: ComponentType<{ size?: number; stroke?: number }>;
  /** Actions of which whoever sees this page is permitted one; absent: everybody sees it. */
  readonly needs?: string | readonly string[];
  readonly page: LazyExoticComponent<ComponentType>;
}

const { pages: labels } = texts.shell;

const log: PageEntry = {
  path: 'log',
  label: labels.log,
  icon: IconTimeline,
  needs: 'log.list',
  page: lazy(() => import('../pages/log/index.tsx')),
};

const ofParty: readonly PageEntry[] = [
  { path: '', label: labels.home, icon: IconHome, page: lazy(() => import('../pages/home/index.tsx')) },
  {
    path: 'agreements',
    label: labels.agreements,
    icon: IconWriting,
    needs: 'agreement.list',
    page: lazy(() => import('../pages/agreements/index.tsx')),
  },
  {
    path: 'links',
    label: labels.links,
    icon: IconLink,
    needs: 'link.list',
    page: lazy(() => import('../pages/links/index.tsx')),
  },
  {
    path: 'studies',
    label: labels.studies,
    icon: IconReportAnalytics,
    needs: 'study.list',
    page: lazy(() => import('../pages/studies/index.tsx')),
  },
  {
    path: 'data',
    label: labels.data,
    icon: IconTable,
    needs: 'dataset.list',
    page: lazy(() => import('../pages/data/index.tsx')),
  },
  {
    path: 'requests',
    label: labels.requests,
    icon: IconUserMinus,
    needs: 'subject.list',
    page: lazy(() => import('../pages/subjects/index.tsx')),
  },
  {
    path: 'alerts',
    label: labels.alerts,
    icon: IconBell,
    needs: ['alert.list', 'alert.sources'],
    page: lazy(() => import('../pages/alerts/index.tsx')),
  },
  {
    path: 'market',
    label: labels.market,
    icon: IconBuildingStore,
    needs: ['market.browse', 'licence.list'],
    page: lazy(() => import('../pages/market/index.tsx')),
  },
  {
    path: 'outsourced',
    label: labels.outsourced,
    icon: IconLock,
    needs: 'seal.list',
    page: lazy(() => import('../pages/outsourced/index.tsx')),
  },
  log,
];

const ofModule: readonly PageEntry[] = [
  {
    path: '',
    label: labels.home,
    icon: IconHome,
    page: lazy(() => import('../pages/registry/module-home.tsx')),
  },
  {
    path: 'physicians',
    label: labels.physicians,
    icon: IconStethoscope,
    needs: 'registry.physicians',
    page: lazy(() => import('../pages/registry/physicians.tsx')),
  },
  {
    path: 'patients',
    label: labels.patients,
    icon: IconUserSearch,
    needs: 'registry.patients',
    page: lazy(() => import('../pages/registry/patients.tsx')),
  },
  {
    path: 'review',
    label: labels.review,
    icon: IconUsersGroup,
    needs: 'registry.review',
    page: lazy(() => import('../pages/registry/review.tsx')),
  },
  {
    path: 'alarms',
    label: labels.alarms,
    icon: IconBell,
    needs: 'registry.alarms',
    page: lazy(() => import('../pages/registry/alarms.tsx')),
  },
  {
    path: 'installations',
    label: labels.installations,
    icon: IconDeviceDesktop,
    needs: 'registry.installations',
    page: lazy(() => import('../pages/registry/installations.tsx')),
  },
  log,
];

const ofCentre: readonly PageEntry[] = [
  {
    path: '',
    label: labels.home,
    icon: IconHome,
    page: lazy(() => import('../pages/registry/centre-home.tsx')),
  },
  {
    path: 'alarms',
    label: labels.alarms,
    icon: IconBell,
    needs: 'alarm.read',
    page: lazy(() => import('../pages/registry/alarms.tsx')),
  },
  {
    path: 'reviews',
    label: labels.reviews,
    icon: IconEmergencyBed,
    needs: 'centre.review',
    page: lazy(() => import('../pages/registry/reviews.tsx')),
  },
  {
    path: 'types',
    label: labels.types,
    icon: IconFileDescription,
    needs: 'record-type.read',
    page: lazy(() => import('../pages/registry/record-types.tsx')),
  },
  {
    path: 'exports',
    label: labels.exports,
    icon: IconFileExport,
    needs: 'record.export',
    page: lazy(() => import('../pages/registry/exports.tsx')),
  },
  {
    path: 'research',
    label: labels.research,
    icon: IconReportAnalytics,
    needs: 'research.read',
    page: lazy(() => import('../pages/registry/research.tsx')),
  },
  log,
];

/** At every server. */
const ofAll: readonly PageEntry[] = [
  {
    path: 'people',
    label: labels.people,
    icon: IconUsers,
    needs: 'user.list',
    page: lazy(() => import('../pages/people/index.tsx')),
  },
  {
    path: 'settings',
    label: labels.settings,
    icon: IconSettings,
    page: lazy(() => import('../pages/settings/index.tsx')),
  },
];

const own = { party: ofParty, module: ofModule, centre: ofCentre };

/** The pages of this server. */
export const pages: readonly PageEntry[] = [...own[server.role], ...ofAll];

/** Whether somebody is shown a page. */
export function isShown({ needs }: PageEntry, { may }: Session): boolean {
  return needs === undefined || [needs].flat().some(may);
}
