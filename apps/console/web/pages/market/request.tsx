import { Checkbox, Group, MultiSelect, NumberInput, Select, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useLocation } from 'wouter';
import { useAll, useDo } from '../../api/queries.ts';
import { Asked } from '../../parts/asked.tsx';
import { CodeArea } from '../../parts/code-area.tsx';
import { Form } from '../../parts/form.tsx';
import { Page } from '../../parts/page.tsx';
import { texts } from '../../texts/index.ts';
import type { Offer } from './offer.tsx';

const words = texts.market.request;
const day = (offset: number): string => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

/** Asks the owner of an entry for a licence. */
export function RequestLicence({ partner, name }: { partner: string; name: string }): ReactNode {
  const offers = useAll('browseOffers', { params: { partner } });
  const offer = offers.data?.items.find((one) => one.offer.name === name);
  return (
    <Page title={words.title(offer?.offer.title ?? name)} lead={words.lead}>
      <Asked query={offers}>{() => (offer === undefined ? null : <Request offer={offer} />)}</Asked>
    </Page>
  );
}

function Request({ offer: { offer } }: { offer: Offer }): ReactNode {
  const [, go] = useLocation();
  const partners = useAll('listPartners', {});
  const keyServices = (partners.data?.items ?? []).filter(({ role }) => role === 'keyservice');
  const [title, setTitle] = useState(offer.title);
  const [study, setStudy] = useState('first');
  const [text, setText] = useState(`SELECT COUNT(*) AS n FROM ${offer.name}`);
  const [maxRuns, setMaxRuns] = useState(10);
  const [free, setFree] = useState(false);
  const [why, setWhy] = useState('');
  const [use, setUse] = useState<string>(offer.purposes[0]!);
  const [legalBasis, setLegalBasis] = useState(['GDPR 6(1)(e)', 'GDPR 9(2)(j)']);
  const [keyService, setKeyService] = useState<string | null>(null);
  const [from, setFrom] = useState(day(0));
  const [until, setUntil] = useState(day(365));
  const ask = useDo('requestLicence', ({ hash }) => go(`/market/licences/${hash}`));
  const submit = (): void => {
    const request = {
      title,
      keyService: keyService ?? keyServices[0]?.id,
      offers: [{ party: offer.by, name: offer.name }],
      studies: [{ name: study, text, maxRuns }],
      ...(free ? { free: { maxRuns } } : {}),
      purpose: { text: why, uses: [use], legalBasis },
      term: { from, until },
    };
    ask.mutate({ body: { request } });
  };
  return (
    <Form label={words.submit} sending={ask} width={640} submit={submit}>
      <TextInput label={words.name} required value={title} onChange={(event) => setTitle(event.currentTarget.value)} />
      <TextInput
        label={words.study}
        required
        pattern="[a-z][a-z0-9_\-]*"
        value={study}
        onChange={(event) => setStudy(event.currentTarget.value)}
      />
      <CodeArea
        label={words.sql}
        description={words.sqlHint}
        required
        minRows={4}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <NumberInput
        label={words.maxRuns}
        min={1}
        max={10_000}
        value={maxRuns}
        onChange={(value) => setMaxRuns(Number(value))}
      />
      <Checkbox label={words.free} checked={free} onChange={(event) => setFree(event.currentTarget.checked)} />
      <TextInput label={words.why} required value={why} onChange={(event) => setWhy(event.currentTarget.value)} />
      <Select
        label={words.use}
        allowDeselect={false}
        value={use}
        onChange={(value) => setUse(value ?? use)}
        data={offer.purposes.map((code) => ({ value: code, label: texts.purposes[code] ?? code }))}
      />
      <MultiSelect
        label={words.basis}
        value={legalBasis}
        onChange={setLegalBasis}
        data={Object.entries(texts.legalBases).map(([value, label]) => ({ value, label: `${value}: ${label}` }))}
      />
      <Select
        label={words.keyService}
        allowDeselect={false}
        value={keyService ?? keyServices[0]?.id ?? null}
        onChange={setKeyService}
        data={keyServices.map(({ id, name }) => ({ value: id, label: name }))}
      />
      <Group grow>
        <TextInput
          type="date"
          label={words.from}
          value={from}
          onChange={(event) => setFrom(event.currentTarget.value)}
        />
        <TextInput
          type="date"
          label={words.until}
          value={until}
          onChange={(event) => setUntil(event.currentTarget.value)}
        />
      </Group>
    </Form>
  );
}
