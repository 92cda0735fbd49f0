import { physicianId, physicianStates } from '@symbolon/consent';
import { contract, nothing, pageOf, pageQuery } from '@symbolon/service';
import { z } from 'zod';
import { bytes, moment, shortId } from './shapes.ts';

const physician = z.strictObject({
  id: physicianId,
  name: z.string().nullable(),
  state: z.enum(physicianStates),
  changedAt: moment,
});
const ofPhysician = z.strictObject({ physician: physicianId });

export const listPhysicians = contract({
  name: 'listPhysicians',
  summary: 'Physicians, in the order of their ids',
  action: 'registry.physicians',
  method: 'GET',
  path: '/v1/physicians',
  query: pageQuery.extend({ state: z.enum(physicianStates).optional() }),
  answer: pageOf(physician),
});

export const showPhysician = contract({
  name: 'showPhysician',
  summary: 'A physician, with the subjects of the certificates',
  action: 'registry.physicians',
  method: 'GET',
  path: '/v1/physicians/:physician',
  params: ofPhysician,
  answer: physician.extend({
    certificates: z.array(z.strictObject({ thumbprint: bytes(43), subject: z.string() })),
  }),
  errors: ['not-found'],
});

export const decidePhysician = contract({
  name: 'decidePhysician',
  summary: 'Vet, suspend or exclude a physician; the central server is told',
  action: 'registry.vet',
  method: 'POST',
  path: '/v1/physicians/:physician/state',
  params: ofPhysician,
  body: z.strictObject({ state: z.enum(['vetted', 'suspended', 'excluded']) }),
  answer: physician,
  repeatable: true,
  errors: ['not-found', 'conflict'],
});

export const joinPhysician = contract({
  name: 'joinPhysician',
  summary: 'Whoever applied with a new card is this physician: the card counts too',
  action: 'registry.vet',
  method: 'POST',
  path: '/v1/physicians/:physician/certificates',
  params: ofPhysician,
  body: z.strictObject({ application: physicianId }),
  answer: physician,
  repeatable: true,
  errors: ['not-found', 'conflict'],
});

export const dropPhysicianCertificate = contract({
  name: 'dropPhysicianCertificate',
  summary: "A physician's card counts no more",
  action: 'registry.vet',
  method: 'DELETE',
  path: '/v1/physicians/:physician/certificates/:thumbprint',
  params: z.strictObject({ physician: physicianId, thumbprint: bytes(43) }),
  answer: nothing,
  errors: ['not-found'],
});

const institution = z.strictObject({ id: shortId, name: z.string().min(1).max(200) });

export const listInstitutions = contract({
  name: 'listInstitutions',
  summary: 'Institutions for which physicians work',
  action: 'registry.installations',
  method: 'GET',
  path: '/v1/institutions',
  answer: z.array(institution),
});

export const setInstitution = contract({
  name: 'setInstitution',
  summary: 'Name an institution',
  action: 'registry.install',
  method: 'POST',
  path: '/v1/institutions',
  body: institution,
  answer: nothing,
  repeatable: true,
});

export const listInstallations = contract({
  name: 'listInstallations',
  summary: "Installations of the physicians' client, and for whom they work",
  action: 'registry.installations',
  method: 'GET',
  path: '/v1/installations',
  answer: z.array(z.strictObject({ id: shortId, institution: shortId, addedAt: moment })),
});

export const setInstallation = contract({
  name: 'setInstallation',
  summary: 'Say for whom an installation works; the central server is told',
  action: 'registry.install',
  method: 'POST',
  path: '/v1/installations/:installation',
  params: z.strictObject({ installation: shortId }),
  body: z.strictObject({ institution: shortId }),
  answer: nothing,
  repeatable: true,
  errors: ['unknown-organisation', 'not-found', 'conflict'],
});

export const removeInstallation = contract({
  name: 'removeInstallation',
  summary: 'An installation works for nobody any more',
  action: 'registry.install',
  method: 'DELETE',
  path: '/v1/installations/:installation',
  params: z.strictObject({ installation: shortId }),
  answer: nothing,
  errors: ['not-found'],
});
