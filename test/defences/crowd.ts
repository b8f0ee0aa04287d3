/** What keeps the service answering when many more call than can be let in. */
import type { Defence } from './defence.ts';

export const defences: readonly Defence[] = [
  {
    name: 'New calls are turned away at the first webhook while the queue is full',
    file: 'src/voice/crowd.ts',
    find: "if (request.method !== 'POST' || request.url !== address || !isCrowded()) return next(request, response);",
    replace: 'if (response !== undefined) return next(request, response);',
    test: {
      file: 'test/calls/crowd.test.ts',
      name: 'asks new callers to call later while the queue is full, lets those in who wait, and takes new ones again',
    },
  },
  {
    name: 'A try that would wait too long for its hash is refused before it is charged',
    file: 'src/security/hasher.ts',
    find: 'if (admitted >= mostAdmitted()) return null;',
    replace: '',
    test: {
      file: 'test/security/hasher.test.ts',
      name: 'refuses what would have to wait too long, and takes more when a ticket comes back',
    },
  },
  {
    name: 'connections wait to be accepted while many come at once',
    file: 'src/service.ts',
    find: 'server.listen({ port, host, backlog: connectionBacklog }, resolve);',
    replace: 'server.listen(port, host, resolve);',
    test: {
      file: 'test/http/server.test.ts',
      name: 'lets more connections wait to be accepted than Node does, since whose first packet is dropped comes a second later',
    },
  },
];
