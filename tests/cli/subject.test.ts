import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, test } from 'vitest';
import { Organisations } from '../support/organisations.ts';

let both: Organisations;

beforeAll(async () => {
  both = new Organisations();
  await both.prepare();
});

afterAll(() => both.close());

test('people opt out, come back, are erased; a hold forbids it', async () => {
  writeFileSync(join(both.folder, 'objections.txt'), '1110001111\n\n 333 000 3333\r\n');
  await both.play(`
    $ symbolon subject list --home fred
    ! Nobody has opted out.
    $ symbolon subject opt-out members 1110001111 --home fred
    ! symbolon: which column of members tells people apart?
    ! …
    [1]
    $ symbolon subject opt-out members --column medicaid --file objections.txt --purpose HRESCH --home fred
    data     members
    by       medicaid
    people   2
    records  2
    $ symbolon subject opt-out members 9990009999 --from 2030-01-01 --home fred
    ! ! 1 name, but only 0 records of members: are all written as they stand there?
    data …
    …
    $ symbolon subject opt-out members --home fred
    ! symbolon: nobody is named
    ! …
    [2]
    $ symbolon subject opt-out members 1 --from tomorrow --home fred
    ! symbolon: 'tomorrow' is not a day
    ! …
    [2]
    $ symbolon subject list --home fred
    DATA     BY        PEOPLE  TAKE NO PART IN
    members  medicaid  1       anything from 2030-01-01
    members  medicaid  2       anything for HRESCH
    $ symbolon subject opt-in members 3330003333 --purpose HRESCH --home fred
    data …
    by …
    people   1
    …
    $ symbolon subject hold members --reason "Case 12" --until 2099-12-31 --home fred
    ! ✔ The hold … stands.
    hold …
    on …
    state  stands until 2099-12-31
    …
    $ symbolon subject erase members 1110001111 --home fred
    ! symbolon: the hold … on members, set by owner on …, stands until 2099-12-31
    ! …
    !   rule  legal-hold: …
    ! …
    [1]
    $ symbolon subject erase patients 1110001111 --column medicaid --home sally
    ! What has opened stays opened: …
    ! Delete the records in the source too, …
    data …
    by …
    people           1
    records          1
    matches deleted  0
    alerts deleted   0
  `);
  const [hold] = await both.value<{ id: string }[]>(['subject', 'holds', '--home', 'fred']);
  both.names.hold = hold!.id;
  await both.play(`
    $ symbolon subject holds --home fred
    …
    $ symbolon subject lift {hold} --home fred
    ! symbolon: two people lift a legal hold, …
    ! …
    [1]
  `);
});
