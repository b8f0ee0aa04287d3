/** What the provider and those it calls agree on. */
export const publicUrl = 'https://pin.example.com';
export const appUrl = 'https://app.example.com/calls';
export const authToken = '0123456789abcdef0123456789abcdef';
