import { Button, Select, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { useAll } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { Asked } from '../../parts/asked.tsx';
import { texts } from '../../texts/index.ts';
import { OfferCard } from './offer.tsx';

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
            <Offers partner={partner} />
          </Stack>
        );
      }}
    </Asked>
  );
}

function Offers({ partner }: { partner: string }): ReactNode {
  const { may } = useSession();
  const offers = useAll('browseOffers', { params: { partner } });
  return (
    <Asked query={offers}>
      {({ items }) =>
        items.length === 0 ? (
          <Text>{words.none}</Text>
        ) : (
          items.map((offer) => (
            <OfferCard
              key={offer.offer.name}
              offer={offer}
              actions={
                may('market.request') ? (
                  <Button component={Link} href={`/market/partners/${partner}/${offer.offer.name}`}>
                    {words.request}
                  </Button>
                ) : undefined
              }
            />
          ))
        )
      }
    </Asked>
  );
}
