import { Button, Select, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { useAll } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { texts } from '../../texts/index.ts';
import { Offers } from './offer.tsx';

const words = texts.market.partners;

/** What partners offer, asked of them now. */
export function Partners(): ReactNode {
  const partners = useAll('listPartners', {});
  const [chosen, setChosen] = useState<string | null>(null);
  return (
    <Asked query={partners}>
      {({ items }) => {
        const parties = items.filter(({ role }) => role === 'party');
        if (parties.length === 0) return <Text>{words.noPartners}</Text>;
        const partner = chosen ?? parties[0]!.id;
        return (
          <Stack>
            <Select
              label={words.choose}
              maw={360}
              allowDeselect={false}
              value={partner}
              onChange={setChosen}
              data={parties.map(({ id, name }) => ({ value: id, label: name }))}
            />
            <OffersOf partner={partner} />
          </Stack>
        );
      }}
    </Asked>
  );
}

function OffersOf({ partner }: { partner: string }): ReactNode {
  const { may } = useSession();
  const offers = useAll('browseOffers', { params: { partner } });
  return (
    <Offers
      query={offers}
      none={words.none}
      actions={({ offer: { name } }) =>
        may('market.request') ? (
          <Button component={Link} href={`/market/partners/${partner}/${name}`}>
            {words.request}
          </Button>
        ) : null
      }
    />
  );
}
