/**
 * The arrows between the rooms, as docs/architecture.md draws them: doors -> services -> core, and services -> ports.
 * test/architecture.test.ts shows that each rule bites, and that no module is passed over.
 */

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const forbidden = [
  {
    name: 'core-is-pure',
    comment: 'The rules depend on nothing: no other room, no package, not even Node.',
    severity: 'error',
    from: { path: '^src/core/' },
    to: { pathNot: '^src/core/' },
  },
  {
    name: 'services-know-rules-and-ports',
    comment: 'A service uses the rules, the ports of store and mail, security, and for digests node:crypto.',
    severity: 'error',
    from: { path: '^src/services/' },
    to: {
      pathNot: ['^src/(core|services|security)/', '^src/(store/store|mail/mailer)\\.ts$', '^(node:)?crypto$'],
    },
  },
  {
    name: 'store-stands-alone',
    comment: 'An engine keeps documents, perhaps in files. It knows nothing of what is in them.',
    severity: 'error',
    from: { path: '^src/store/' },
    to: { path: '^src/', pathNot: '^src/(store/|(make-folder|write-once)\\.ts$)' },
  },
  {
    name: 'security-stands-alone',
    comment: 'Security knows the shapes of the rules, and no other room.',
    severity: 'error',
    from: { path: '^src/security/' },
    to: { path: '^src/', pathNot: '^src/(security|core)/' },
  },
  {
    name: 'security-takes-types-alone',
    comment: 'What it takes from the rules is types.',
    severity: 'error',
    from: { path: '^src/security/' },
    to: { path: '^src/core/', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'mail-carries-letters',
    comment: 'Mail knows letters and how to word them. Who gets one, and when, is decided elsewhere.',
    severity: 'error',
    from: { path: '^src/mail/' },
    to: { path: '^src/', pathNot: '^src/((mail|core|words)/|make-folder\\.ts$)' },
  },
  {
    name: 'mail-behind-the-port',
    comment: 'Only what puts the service together, and the settings, see more of mail than mailer.ts.',
    severity: 'error',
    from: { path: '^src/', pathNot: ['^src/mail/', '^src/(service|config)\\.ts$'] },
    to: { path: '^src/mail/', pathNot: '^src/mail/mailer\\.ts$' },
  },
  {
    name: 'words-stand-alone',
    comment: 'Phrases can be said by any door, and know none.',
    severity: 'error',
    from: { path: '^src/words/' },
    to: { path: '^src/', pathNot: '^src/(words|core)/' },
  },
  {
    name: 'doors-keep-apart',
    comment: 'No door imports another; what two doors need belongs into a service.',
    severity: 'error',
    from: { path: '^src/(voice|admin|web|phone|cli)/' },
    to: { path: '^src/(voice|admin|web|cli)/', pathNot: '^src/$1/' },
  },
  {
    name: 'telephone-for-its-page',
    comment:
      'The telephone speaks HTTP to us like the provider does. Only its page in the browser has calls played by it.',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/(phone|web/phone)/' },
    to: { path: '^src/phone/' },
  },
  {
    name: 'clients-are-strangers',
    comment:
      'The telephone plays the provider, and the command line is a client of the API. They know nothing of us.',
    severity: 'error',
    from: { path: '^src/(phone|cli)/' },
    to: { path: '^src/', pathNot: '^src/$1/' },
  },
  {
    name: 'engines-behind-the-port',
    comment:
      'Only what puts the service together, and the backup, see an engine; everyone else sees store.ts.',
    severity: 'error',
    from: { path: '^src/', pathNot: ['^src/store/', '^src/(service|main|backup)\\.ts$'] },
    to: { path: '^src/store/', pathNot: '^src/store/store\\.ts$' },
  },
  {
    name: 'http-serves-doors',
    comment: 'What all of HTTP shares knows no door.',
    severity: 'error',
    from: { path: '^src/http/' },
    to: { path: '^src/(voice|admin|web|phone|cli)/' },
  },
  {
    name: 'inner-rooms-know-no-http',
    comment: 'Status codes and problems are an affair of the doors.',
    severity: 'error',
    from: { path: '^src/(core|services|store|security)/' },
    to: { path: '^src/(http|voice|admin|web|phone|cli)/' },
  },
  {
    name: 'settings-are-handed-in',
    comment: 'A room is given what it needs; it reads no settings and puts nothing together.',
    severity: 'error',
    from: { path: '^src/[^/]+/' },
    to: { path: '^src/(config|secrets|service)\\.ts$' },
  },
  {
    name: 'nobody-imports-a-program',
    comment: 'Importing it would run it.',
    severity: 'error',
    from: {},
    to: { path: '^src/(((phone|cli)/)?main|backup)\\.ts$' },
  },
  {
    name: 'no-cycles',
    comment: 'Two modules that need one another are one module, or three.',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'no-orphans',
    comment: 'A module that imports nothing and that nobody imports is left over.',
    severity: 'error',
    from: { orphan: true },
    to: {},
  },
  {
    name: 'nothing-missing',
    comment: 'An import that leads nowhere.',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'no-development-packages',
    comment: 'The service is installed without them.',
    severity: 'error',
    from: { path: '^src/' },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
  },
];

module.exports = {
  forbidden,
  options: {
    // Imports of types are arrows too.
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
