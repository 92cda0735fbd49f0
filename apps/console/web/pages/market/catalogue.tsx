import { Button, Group, Stack } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useAll, useDo } from '../../api/queries.ts';
import { useSession } from '../../api/session.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { texts } from '../../texts/index.ts';
import { Offers } from './offer.tsx';

const words = texts.market.catalogue;

/** What this organisation offers. */
export function Catalogue(): ReactNode {
  const { may } = useSession();
  const offers = useAll('listOffers', {});
  const withdraw = useDo('withdrawOffer');
  return (
    <Stack>
      {may('market.publish') ? (
        <Group>
          <Button component={Link} href="/market/catalogue/publish" leftSection={<IconPlus size={16} />}>
            {words.publish}
          </Button>
        </Group>
      ) : null}
      <ProblemNote error={withdraw.error} />
      <Offers
        query={offers}
        none={words.none}
        actions={({ offer: { name } }) =>
          may('market.publish') ? (
            <Button variant="default" size="compact-sm" onClick={() => withdraw.mutate({ params: { name } })}>
              {words.withdraw}
            </Button>
          ) : null
        }
      />
    </Stack>
  );
}
