/**
 * What the kept data was made with, and what is known of it: the secrets, the users and their PINs. `scripts/keep-old-data.ts` makes
 * the data with it, and the tests look for the same in it.
 */

/** The secrets of those services. They guard nothing but this data. */
export const keptSecrets = {
  PIN_PEPPER: Buffer.alloc(32, 17).toString('base64'),
  TWILIO_AUTH_TOKEN: 'the-webhook-token-of-kept-data-0',
  ADMIN_TOKEN: 'the-admin-token-of-kept-data-0123456789',
};

/** What can be called from, so that no budget of a caller runs out. */
export function callerNumber(index: number): string {
  return `+1555019${String(index).padStart(4, '0')}`;
}

/** The right PIN of most users. */
export const commonPin = '271804';

/** Ada's PINs in the order in which they were set; the last one is in use. */
export const pinsOfAda = ['482917', '739152', '604827'] as const;

const number = '+15550100001';

/** Users as they were made, in this order. `pin` null: none was set. */
export const keptUsers = [
  {
    user: {
      extension: '1001',
      displayName: 'Ada Lovelace',
      email: 'ada@example.com',
      upn: 'ada@corp.example.com',
      alias: 'ada',
      sipAddress: 'sip:ada@example.com',
      account: 'CORP\\ada',
      dn: 'CN=Ada Lovelace, OU=Sales, DC=example, DC=com',
      legacyExchangeDn: '/o=Example/cn=Recipients/cn=ada',
      phoneNumbers: [number],
      locale: 'en-US',
    },
    pin: pinsOfAda[0],
  },
  { user: { extension: '1002', displayName: 'Locked by tries' }, pin: commonPin },
  { user: { extension: '1003', displayName: 'Locked by hand' }, pin: commonPin },
  { user: { extension: '1004', displayName: 'To be changed' }, pin: commonPin },
  { user: { extension: '1005', displayName: 'Expires by age', policy: 'exchange-um' }, pin: commonPin },
  { user: { extension: '1006', displayName: 'No PIN yet' }, pin: null },
  { user: { extension: '1007', displayName: 'Switched off', enabled: false }, pin: commonPin },
  { user: { extension: '1008', displayName: 'John Smith' }, pin: commonPin },
  { user: { extension: '1009', displayName: 'JOHN smith' }, pin: commonPin },
  { user: { extension: '1010', displayName: 'Tried thrice', email: 'thrice@example.com' }, pin: commonPin },
] as const;

/** The failures of the extension that nobody has. */
export const nobodysExtension = '9999';
