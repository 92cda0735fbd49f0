import { X509Certificate } from 'node:crypto';
import { type ApiRoute, answer, pageFrom } from '@symbolon/service';
import type { Context } from '../context.ts';
import type { Served } from '../served.ts';
import * as api from './physician-contracts.ts';

/** Physicians, institutions, installations. */
export function physicianHandlers({ physicians, home }: Context, { admission, installations }: Served): ApiRoute[] {
  const module = home.card.id;
  return [
    answer(api.listPhysicians, async ({ query: { state, ...query } }) => {
      const found = await physicians.list(module, { ...query, limit: query.limit + 1 }, state);
      return pageFrom(found, query.limit, ({ id }) => id);
    }),
    answer(api.showPhysician, async ({ params }) => {
      const found = await admission.show(params.physician);
      const certificates = await physicians.certificates(module, params.physician);
      return {
        ...found,
        certificates: certificates.map(({ thumbprint, certificate }) => ({
          thumbprint,
          subject: subjectOf(certificate!),
        })),
      };
    }),
    answer(api.decidePhysician, ({ params, body, caller }) =>
      admission.decide(params.physician, body.state, caller.id),
    ),
    answer(api.joinPhysician, ({ params, body, caller }) =>
      admission.join(body.application, params.physician, caller.id),
    ),
    answer(api.dropPhysicianCertificate, ({ params, caller }) =>
      admission.drop(params.physician, params.thumbprint, caller.id),
    ),
    answer(api.listInstitutions, () => installations.institutions()),
    answer(api.setInstitution, ({ body, caller }) => installations.setInstitution(body, caller.id)),
    answer(api.listInstallations, () => installations.list()),
    answer(api.setInstallation, ({ params, body, caller }) =>
      installations.set(params.installation, body.institution, caller.id),
    ),
    answer(api.removeInstallation, ({ params, caller }) => installations.remove(params.installation, caller.id)),
  ];
}

/** On one line. */
function subjectOf(certificate: Uint8Array): string {
  return new X509Certificate(certificate).subject.replaceAll('\n', ', ').slice(0, 500);
}
