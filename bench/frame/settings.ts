/** What the provider and those it calls agree on. */
export const publicUrl = 'https://pin.example.com';
export const appUrl = 'https://app.example.com/calls';
export const authToken = '0123456789abcdef0123456789abcdef';

/** Of all services and accounts that are measured, so that any of them fits any database. */
export const pepper = Buffer.alloc(32, 5);
export const adminToken = 'an-admin-token-for-a-bench-of-32-characters';
