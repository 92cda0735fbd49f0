import type { RegistryInfo } from '@symbolon/consent';
import type { FoundCard } from '../card/find.ts';
import { type Html, html } from './html.ts';
import { cardValue, type Named } from './session.ts';

interface Page {
  readonly title: string;
  readonly content: Html;
}

/** Chooses the health professional's card. */
export function loginPage(token: string, cards: readonly FoundCard[], professional: string | undefined): Page {
  const content =
    cards.length === 0
      ? html`<p role="status">No card is in a reader. Put yours in.</p><p><a href="/">Look again</a></p>`
      : form(
          token,
          '/login',
          html`${cardChoice('card', 'Your card', cards, professional)}${pinField}
<button type="submit">Log in</button>`,
        );
  return { title: 'Log in with your card', content };
}

/** Asks who the patient is. */
export function patientPage(token: string, info: RegistryInfo): Page {
  const fields = info.fields.map(({ field, as, required }) => {
    const hint = as === 'date' ? ' (like 1950-03-12)' : required ? '' : ' (may be left out)';
    const input = required
      ? html`<input name="person.${field}" autocomplete="off" required>`
      : html`<input name="person.${field}" autocomplete="off">`;
    return html`<label>${field}${hint} ${input}</label>`;
  });
  const content = html`<p>Registry: ${info.name}</p>
${form(token, '/patient', html`<fieldset><legend>The patient</legend>${fields}</fieldset><button type="submit">Go on</button>`)}
${form(token, '/logout', html`<button type="submit">Log out</button>`)}`;
  return { title: 'Who is the patient?', content };
}

const withCard: readonly (readonly [operation: string, words: string])[] = [
  ['reidentify', 'Consent: others’ records of the chosen groups open'],
  ['enrol', 'Register the card: the first one'],
  ['replace', 'Register the card for a lost one'],
  ['view', 'The patient sees who read what'],
  ['object', 'The patient objects to studies'],
  ['withdraw', 'The patient withdraws all consent'],
];
const withoutCard: typeof withCard = [
  ['relate', 'Make the patient known without a card, to add records'],
  ['break-glass', 'Emergency: read without the card. The patient and the administrators are told'],
];

/** What is to be done for the patient. */
export function visitPage(token: string, info: RegistryInfo, { person }: Named, cards: readonly FoundCard[]): Page {
  const groups = info.groups.map(
    (group) => html`<label class="line"><input type="checkbox" name="group" value="${group}"> ${group}</label>`,
  );
  const present =
    cards.length === 0
      ? html`<p role="status">No card of a patient is in a reader. <a href="/">Look again</a></p>`
      : html`${cardChoice('card', 'The patient’s card', cards, undefined)}${pinField}`;
  const content = html`<p class="card">${Object.values(person).join(', ')}</p>
${form(
  token,
  '/visit',
  html`<fieldset><legend>With the patient’s card</legend>${present}${choices(withCard)}</fieldset>
<fieldset><legend>Without it</legend>${choices(withoutCard)}</fieldset>
<fieldset><legend>Groups of records that the patient consents to</legend>${groups}</fieldset>
<label>Why (stands in the patient’s view) <input name="purpose" required maxlength="1000" autocomplete="off"></label>
<button type="submit">Do it</button>`,
)}
${form(token, '/records', html`<button type="submit">Show the records that you may read</button>`)}
${form(
  token,
  '/add',
  html`<fieldset><legend>Add a record</legend>
<label>Type <input name="type" required autocomplete="off"></label>
<label>Group <select name="group">${info.groups.map((group) => html`<option>${group}</option>`)}</select></label>
<label>Content (JSON) <textarea name="body" rows="6" required spellcheck="false"></textarea></label>
<button type="submit">Sign and add</button></fieldset>`,
)}
${form(token, '/other', html`<button type="submit">Another patient</button>`)}
${form(token, '/logout', html`<button type="submit">Log out</button>`)}`;
  return { title: 'What is to be done?', content };
}

const choices = (of: typeof withCard): Html[] =>
  of.map(
    ([operation, words]) =>
      html`<label class="line"><input type="radio" name="operation" value="${operation}" required> ${words}</label>`,
  );

const pinField = html`<label>PIN (not needed where it is typed on the reader)
<input type="password" name="pin" autocomplete="off" inputmode="numeric"></label>`;

function cardChoice(name: string, legend: string, cards: readonly FoundCard[], words: string | undefined): Html {
  const [first] = cards.filter(({ label, serial }) => words !== undefined && `${label} ${serial}`.includes(words));
  const options = cards.map((card) => {
    const checked = card === (first ?? cards[0]) ? html` checked` : undefined;
    const input = html`<input type="radio" name="${name}" value="${cardValue(card)}"${checked}>`;
    return html`<label class="line">${input} ${card.label}, in ${card.reader}${pinState(card)}</label>`;
  });
  return html`<fieldset><legend>${legend}</legend>${options}</fieldset>`;
}

const pinWords = {
  good: '',
  low: '; a wrong PIN was typed before',
  last: '; one try for the PIN is left',
  locked: '; its PIN is locked',
};

const pinState = ({ pin, pinPad }: FoundCard): string => (pinPad ? '; its PIN is typed on the reader' : pinWords[pin]);

function form(token: string, action: string, content: Html): Html {
  return html`<form method="post" action="${action}"><input type="hidden" name="token" value="${token}">
${content}</form>
`;
}
