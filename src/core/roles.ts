/**
 * Who may do what through the API. This table is the only place where it is said; the router, the OpenAPI document and a test read
 * it.
 */

/** `viewer` looks, `helpdesk` also helps callers, `auditor` reads the trail, `admin` does everything. */
export const roles = ['viewer', 'helpdesk', 'admin', 'auditor'] as const;

export type Role = (typeof roles)[number];

/** Each operation of the API and the roles that may do it. */
export const operations = {
  'users.list': ['viewer', 'helpdesk', 'admin'],
  'users.read': ['viewer', 'helpdesk', 'admin'],
  'users.create': ['admin'],
  'users.change': ['admin'],
  'users.remove': ['admin'],
  'users.import': ['admin'],
  'pins.read': ['viewer', 'helpdesk', 'admin'],
  'pins.reset': ['helpdesk', 'admin'],
  /** To be shown a generated PIN is a permission of its own. */
  'pins.reveal': ['admin'],
  'pins.lock': ['helpdesk', 'admin'],
  'pins.unlock': ['helpdesk', 'admin'],
  'pins.expire': ['helpdesk', 'admin'],
  'policies.read': ['viewer', 'helpdesk', 'admin'],
  'policies.change': ['admin'],
  'tokens.list': ['admin'],
  'tokens.create': ['admin'],
  'tokens.revoke': ['admin'],
  'statistics.read': ['viewer', 'helpdesk', 'admin'],
  'audit.read': ['auditor', 'admin'],
  /** Everything at once but secrets and the trail. */
  'data.export': ['admin'],
  /** To call as any number, on the page of the telephone. */
  'phone.use': ['admin'],
} as const satisfies Record<string, readonly Role[]>;

export type Operation = keyof typeof operations;

/** What concerns the whole server, so that a token that is confined to a unit may not do it, whatever its role. */
const serverWide: readonly Operation[] = [
  'policies.change',
  'tokens.list',
  'tokens.create',
  'tokens.revoke',
  'statistics.read',
  'audit.read',
  'data.export',
  'phone.use',
];

/** @param isScoped whether the token is confined to an organisational unit. */
export function mayDo(role: Role, operation: Operation, isScoped: boolean): boolean {
  const allowed: readonly Role[] = operations[operation];
  return allowed.includes(role) && !(isScoped && serverWide.includes(operation));
}
