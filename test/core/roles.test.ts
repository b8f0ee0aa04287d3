/**
 * Who may do what, written down a second time: a change of the table that nobody meant changes one of the two only.
 */
import { describe, expect, it } from 'vitest';
import { mayDo, type Operation, operations, type Role, roles } from '../../src/core/roles.ts';

const looking = ['users.list', 'users.read', 'pins.read', 'policies.read', 'statistics.read'];
const helping = ['pins.reset', 'pins.lock', 'pins.unlock', 'pins.expire'];

const expected: Readonly<Record<Role, readonly string[]>> = {
  viewer: looking,
  helpdesk: [...looking, ...helping],
  auditor: ['audit.read'],
  admin: [
    ...looking,
    ...helping,
    'users.create',
    'users.change',
    'users.remove',
    'users.import',
    'pins.reveal',
    'policies.change',
    'tokens.list',
    'tokens.create',
    'tokens.revoke',
    'audit.read',
    'data.export',
    'phone.use',
  ],
};

/** Policies, tokens, figures, trail and export are of the whole server, and so are calls as any number. */
const neverConfined = [
  'policies.change',
  'tokens.list',
  'tokens.create',
  'tokens.revoke',
  'statistics.read',
  'audit.read',
  'data.export',
  'phone.use',
];

const all = Object.keys(operations) as Operation[];
const may = (role: Role, isScoped: boolean) => all.filter((operation) => mayDo(role, operation, isScoped));

describe('roles', () => {
  it('are four, and admin may do everything', () => {
    expect(roles).toEqual(['viewer', 'helpdesk', 'admin', 'auditor']);
    expect(may('admin', false)).toEqual(all);
  });

  it.each(Object.entries(expected))('%s may do this and nothing else', (role, allowed) => {
    expect(may(role as Role, false).sort()).toEqual([...allowed].sort());
  });

  it.each(Object.entries(expected))(
    '%s that is confined to a unit may not do what is of the whole server',
    (role, allowed) => {
      const inside = allowed.filter((operation) => !neverConfined.includes(operation));
      expect(may(role as Role, true).sort()).toEqual([...inside].sort());
    },
  );
});
