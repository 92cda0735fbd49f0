/** The page for those who are not logged in. */
export const login = {
  title: 'Log in',
  user: 'User',
  password: 'Password',
  enter: 'Log in',
  withPasskey: 'Log in with a passkey',
  noPasskey: 'No passkey was shown. Try again, or use your password.',
  withProvider: 'Log in at your organisation',
  haveCode: 'I have a code to set my password',
  setupTitle: 'Set your password',
  setupIntro: 'Whoever manages users here gave you a code. It works once.',
  code: 'Code',
  newPassword: 'New password',
  set: 'Set the password',
  setDone: (user: string) => `Your password is set, ${user}. Log in with it.`,
  backToLogin: 'Back to the login',
  ended: 'Your session has ended. Log in again; you come back to where you were.',
};
