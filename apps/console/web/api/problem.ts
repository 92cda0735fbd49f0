/** A refusal by the server (RFC 9457), or that it could not be reached. */
export class Problem extends Error {
  /** Like `rule-syntax`: a code of docs/errors.md; `offline` where no answer came. */
  readonly code: string;
  readonly status: number;
  readonly culprit: string | undefined;
  /** What to do. */
  readonly hint: string | undefined;

  constructor(code: string, message: string, more: { status?: number; culprit?: string; hint?: string } = {}) {
    super(message);
    this.code = code;
    this.status = more.status ?? 0;
    this.culprit = more.culprit;
    this.hint = more.hint;
  }
}

interface ProblemBody {
  readonly type?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly culprit?: string;
  readonly hint?: string;
}

/** The problem that an answer holds. */
export async function problemOf(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => ({}))) as ProblemBody;
  const code = body.type?.split(':').at(-1) ?? `http-${response.status}`;
  const { culprit, hint } = body;
  return new Problem(code, body.detail ?? body.title ?? response.statusText, {
    status: response.status,
    ...(culprit === undefined ? {} : { culprit }),
    ...(hint === undefined ? {} : { hint }),
  });
}
