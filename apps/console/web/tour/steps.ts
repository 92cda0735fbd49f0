/** Steps of the tour in order; `end` says what comes after it. */
export const stepIds = ['approve', 'run', 'result', 'forbidden', 'verify', 'tamper', 'end'] as const;
export type StepId = (typeof stepIds)[number];

/** Steps that are something to do. */
export const stepCount = stepIds.length - 1;

export function isStep(value: unknown): value is StepId {
  return stepIds.some((id) => id === value);
}

/** Who does it: see `tour` of the demo's settings. */
export const doerOf = {
  approve: 'approver',
  run: 'researcher',
  result: 'researcher',
  forbidden: 'researcher',
  verify: 'approver',
  tamper: 'approver',
  end: undefined,
} as const satisfies Record<StepId, 'approver' | 'researcher' | undefined>;

/** Where the step is done. @param agreement hash of the study's agreement */
export function addressOf(step: StepId, agreement: string, study: string): string {
  switch (step) {
    case 'approve':
    case 'run':
    case 'result':
      return `/studies/${agreement}/${study}`;
    case 'forbidden':
      return `/studies/ask/${agreement}`;
    case 'verify':
    case 'tamper':
      return '/log/verify';
    case 'end':
      return '/';
  }
}
