/** What holds when Ringkey is upgraded, restored, and run by others. */
import type { Defence } from './defence.ts';

const upgradeTest = 'test/upgrade/upgrade.test.ts';
const backupTest = 'test/operations/backup.test.ts';
const deployTest = 'test/operations/deploy.test.ts';
const imageTest = {
  file: 'test/operations/container.soak.test.ts',
  name: 'is installed without tools, runs as another user from sources it cannot write, is healthy, and ends in order',
};
const lockedOutTest = 'test/operations/locked-out.test.ts';

export const defences: readonly Defence[] = [
  {
    name: 'users of an older version are put into the indexes',
    file: 'src/services/account-records.ts',
    find: 'found?.value.schemaVersion === 1 || !before.includes(index)',
    replace: '!before.includes(index)',
    test: { file: upgradeTest, name: 'lists every user, finds each by its filters and by every name' },
  },
  {
    name: 'users of an older version are brought up on Redis too',
    file: 'src/services/upgrade-store.ts',
    find: 'if (reached === newestSchema) return null;',
    replace: 'if (reached <= newestSchema) return null;',
    test: {
      file: 'test/upgrade/upgrade.redis.test.ts',
      name: 'lists every user, finds each by its filters and by every name',
    },
  },
  {
    name: 'users of an older version are found by names that it did not claim',
    file: 'src/services/upgrade-store.ts',
    find: 'const kinds = await claims.claimMissing(account);',
    replace: 'const kinds: IdentityKind[] = claims === null ? [] : [];',
    test: { file: upgradeTest, name: 'lists every user, finds each by its filters and by every name' },
  },
  {
    name: 'an upgrade that was cut short goes on',
    file: 'src/services/upgrade-store.ts',
    find: '  for await (const keys of isNew ? [] : store.keys(accountNameBegins)) {',
    replace: `  await change<SchemaDocument, null>(store, place, () => ({
    put: { schemaVersion: 1, all: newestSchema },
    result: null,
  }));
  for await (const keys of isNew ? [] : store.keys(accountNameBegins)) {`,
    test: { file: upgradeTest, name: 'that was cut short goes on, wherever it was cut' },
  },
  {
    name: 'data of a newer version stops the start',
    file: 'src/services/upgrade-store.ts',
    find: 'if (reached > newestSchema) {',
    replace: 'if (reached < 0) {',
    test: { file: upgradeTest, name: 'stops the start, and is left as it is' },
  },
  {
    name: 'an account of a newer version lets nobody in',
    file: 'src/services/documents.ts',
    find: 'return schema === 1 || schema === newestSchema;',
    replace: "return typeof schema === 'number';",
    test: { file: upgradeTest, name: 'lets nobody in, and leaves the account as it is' },
  },
  {
    name: 'a backup of the folder is one state of it',
    file: 'src/store/backup.ts',
    find: 'await root.backup(draft, false);',
    // The two pages that say what the state is, without the pages of which it is made.
    replace:
      "await import('node:fs').then((fs) => fs.writeFileSync(draft, fs.readFileSync(source).subarray(0, 8192)));",
    test: { file: backupTest, name: 'is one state, from which users sign in again' },
  },
  {
    name: 'a backup overwrites no other',
    file: 'src/store/backup.ts',
    find: 'if (existsSync(path)) throw',
    replace: 'if (path === source) throw',
    test: { file: backupTest, name: 'says why, and touches nothing' },
  },
  {
    name: 'a new admin token ends the sessions of the one before',
    file: 'src/services/sessions.ts',
    find: 'return isSame ? adminBearer : null;',
    replace: 'return adminBearer;',
    test: {
      file: lockedOutTest,
      name: 'another ADMIN_TOKEN is set; sessions that began with the old one are over',
    },
  },
  {
    name: 'a valid token is let through where others are guessed',
    file: 'src/services/authentication.ts',
    find: "if (bearer !== null) return { outcome: 'right', bearer };",
    replace: `const before = await store.readCounter({ name: \`wrong-admin-tokens:\${address}\`, windowMs: 60_000 });
      if (bearer !== null && before < wrongTokensPerMinute) return { outcome: 'right', bearer };`,
    test: { file: lockedOutTest, name: 'a valid one is let through' },
  },
  {
    name: 'a pepper that is known to be lost does not keep the service from starting',
    file: 'src/services/pepper-check.ts',
    find: 'peppers.find(id) === null && !lost.includes(id)',
    replace: 'peppers.find(id) === null && lost !== null',
    test: {
      file: lockedOutTest,
      name: 'the service starts with another once it is told so, and those who had a PIN are given a new one',
    },
  },
  {
    name: 'a folder that is restored is for its owner alone, by the commands of the document',
    file: 'docs/operations.md',
    find: 'mkdir -m 700 /var/lib/private/ringkey',
    replace: 'mkdir /var/lib/private/ringkey',
    test: {
      file: backupTest,
      name: 'make a backup while the service runs, and put it back into an empty folder',
    },
  },
  {
    name: 'Redis does not write a log of its own before it has read the copy that is restored',
    // The step of the drill, as docs/operations.md has it.
    file: 'test/operations/backup.redis.test.ts',
    find: "await start(['--appendonly', 'no'])",
    replace: 'await start()',
    test: {
      file: 'test/operations/backup.redis.test.ts',
      name: 'is put back with appendonly off at first, and then keeps what it is given',
    },
  },
  {
    name: 'the container runs as a user that is not root',
    file: 'Dockerfile',
    find: 'USER node',
    replace: 'USER root',
    test: { file: deployTest, name: 'starts the service as package.json does, as a user that is not root' },
  },
  {
    name: 'the image has no tools of those who work on it',
    file: 'Dockerfile',
    find: 'npm ci --omit=dev',
    replace: 'npm ci',
    test: imageTest,
  },
  {
    name: 'the health check of the image tells a service that is gone',
    file: 'Dockerfile',
    find: '() => process.exit(1)',
    replace: '() => process.exit(0)',
    test: imageTest,
  },
  {
    name: 'the image has what the service reads',
    file: '.dockerignore',
    find: '!twiml',
    replace: '!docs',
    test: {
      file: deployTest,
      name: 'lets into the image what the service reads, and nothing that is secret',
    },
  },
  {
    name: 'mail goes to the server that the operator names, and not to the one of the compose file',
    file: 'compose.yaml',
    find: 'SMTP_URL:-smtp',
    replace: 'MAIL_SERVER:-smtp',
    test: { file: deployTest, name: 'lets .env name another Redis and another mail server' },
  },
  {
    name: 'Redis of the compose file throws nothing away',
    file: 'compose.yaml',
    find: 'noeviction',
    replace: 'allkeys-lru',
    test: { file: deployTest, name: 'has Redis keep what it is given' },
  },
  {
    name: 'callers who are turned away at once raise an alert',
    file: 'deploy/prometheus/ringkey.rules.yml',
    find: 'expr: (sum(rate(ringkey_calls_turned_away_total[5m])) + sum(rate(ringkey_pin_attempts_total{outcome="busy"}[5m])))',
    replace: 'expr: sum(rate(ringkey_pin_attempts_total{outcome="busy"}[5m]))',
    test: {
      file: 'test/operations/alert-rules.soak.test.ts',
      name: 'raises each alert on the figures that are made up for it, and none on those of a quiet service',
    },
  },
  {
    name: 'the unit starts the service in production',
    file: 'deploy/ringkey.service',
    find: 'Environment=NODE_ENV=production DATA_DIR',
    replace: 'Environment=DATA_DIR',
    test: { file: deployTest, name: 'starts the service as package.json does, with what it reads' },
  },
];
