import type { FixedStudy, StudyAgreement } from '@symbolon/agreement';
import { parseStudyFile, type Study, studyTextHash } from '@symbolon/analytics';
import { fault, hex } from '@symbolon/crypto';
import type { DuckDb } from '@symbolon/service';
import { z } from 'zod';
import { type BoundQuestion, bindQuestion, readFilled } from './question.ts';

/** A study that its agreement does not list: a choice of a template, or a study file that its free studies cover. */
export const askedSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('template'),
    template: z.string().max(63),
    values: z.record(z.string().max(63), z.string().max(256)),
  }),
  z.strictObject({ kind: z.literal('free'), text: z.string().min(1).max(16_384) }),
]);
export type Asked = z.output<typeof askedSchema>;

const hashDigits = 10;

/** A study that somebody asks, under the name that all parties derive: it ends in a hash of what is computed. Throws `study-invalid`, `agreement-limit`. */
export function findAsked(
  { studies, title }: Pick<StudyAgreement, 'studies' | 'title'>,
  asked: Asked,
): { readonly listed: FixedStudy; readonly study: Study } {
  const { templates = [], free } = studies;
  if (asked.kind === 'free') {
    if (free === undefined) throw fault('agreement-limit', `the agreement "${title}" allows no free studies`);
    const study = parseStudyFile(asked.text);
    const { to } = study;
    return { study, listed: { name: nameOf(study.name, study), text: asked.text, to, maxRuns: free.maxRuns } };
  }
  const template = templates.find(({ name }) => name === asked.template);
  if (template === undefined) {
    const known = templates.map(({ name }) => name).join(', ') || 'none';
    throw fault('agreement-limit', `the agreement "${title}" has no template '${asked.template}', only ${known}`, {
      culprit: asked.template,
    });
  }
  const study = readFilled(template, asked.values);
  const { to, maxRuns } = template;
  const chosen = Object.entries(asked.values).map(([parameter, value]) => `# {${parameter}} is ${value}`);
  const text = [template.text.trimEnd(), ...chosen].join('\n');
  return { study, listed: { name: nameOf(template.name, study), text, to, maxRuns } };
}

function nameOf(name: string, study: Study): string {
  return `${name.slice(0, 48)}-${hex(studyTextHash(study)).slice(0, hashDigits)}`;
}

/** Binds a study that somebody asks. Throws as `bindListed`. */
export function bindAsked(agreement: StudyAgreement, asked: Asked, parser?: DuckDb): Promise<BoundQuestion> {
  const { listed, study } = findAsked(agreement, asked);
  return bindQuestion(agreement, listed, study, parser, asked);
}
