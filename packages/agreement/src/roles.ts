/** What somebody does for an organisation. One person may do several things. */
export const roles = ['data-steward', 'privacy-officer', 'analyst', 'operator', 'auditor'] as const;
/** One of {@link roles}. */
export type Role = (typeof roles)[number];
