/**
 * The telephone in the browser, under `/phone`: a call is one answer that goes on for as long as the call; what the caller does comes
 * in requests of its own. Keys are in bodies, never in an address.
 */
import { randomBytes } from 'node:crypto';
import express, { type Request, Router } from 'express';
import { z } from 'zod';
import { type Locale, locales } from '../../core/locale.ts';
import { Problem } from '../../http/problem.ts';
import { keysIn } from '../../phone/dial.ts';
import type { PhoneAccess } from './access.ts';
import type { BrowserCaller } from './browser-caller.ts';
import { mostLines, type PhoneLines } from './lines.ts';
import type { PhoneMessage } from './messages.ts';

export interface PhoneDoor {
  readonly lines: PhoneLines;
  readonly access: PhoneAccess;
  readonly defaultLocale: Locale;
}

const newCall = z.strictObject({
  from: z
    .string()
    .regex(/^\+[1-9]\d{1,14}$/, 'Write it as + and digits, such as +15551230001.')
    .nullable(),
  locale: z.enum(locales).nullable(),
  isPatient: z.boolean(),
});

const call = z.string();
const action = z.discriminatedUnion('do', [
  z.strictObject({ call, do: z.literal('press'), keys: z.string().regex(/^[0-9*#]{1,50}$/) }),
  z.strictObject({ call, do: z.literal('played'), sound: z.int().positive() }),
  z.strictObject({ call, do: z.literal('stay-silent') }),
  z.strictObject({ call, do: z.literal('set-patience'), isPatient: z.boolean() }),
  z.strictObject({ call, do: z.literal('hang-up') }),
]);

type Action = z.infer<typeof action>;

/** Proxies cut connections that nothing comes through. An empty line is no message. */
const keepAliveMs = 15_000;

export function createPhoneRouter({ lines, access, defaultLocale }: PhoneDoor): Router {
  const router = Router();
  const json = express.json({ limit: '4kb', inflate: false });

  router.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });

  router.get('/settings', async (request, response) => {
    const { csrfToken } = await access.admit(request);
    response.json({ locales, defaultLocale, csrfToken });
  });

  router.post('/calls', json, async (request, response) => {
    const user = await access.admitAction(request);
    const asked = parse(newCall, request);
    const callSid = `CA${randomBytes(16).toString('hex')}`;
    await access.record(user, callSid);
    response.type('application/x-ndjson').set('X-Accel-Buffering', 'no');
    const write = (text: string) => {
      if (!response.destroyed) response.write(`${text}\n`);
    };
    const line = lines.call({ ...asked, callSid, owner: user.owner }, (message: PhoneMessage) =>
      write(JSON.stringify(message)),
    );
    if (line === null) {
      throw new Problem('busy', `${mostLines} calls are being made already. Try again in a while.`);
    }
    // The page was closed or left: nobody is at the telephone any more.
    response.once('close', line.hangUp);
    if (response.closed) line.hangUp();
    const keepAlive = setInterval(() => write(''), keepAliveMs);
    await line.over;
    clearInterval(keepAlive);
    response.end();
  });

  router.post('/actions', json, async (request, response) => {
    const user = await access.admitAction(request);
    const asked = parse(action, request);
    const caller = lines.callerOf(asked.call, user.owner);
    if (caller === null) throw new Problem('not_found', 'There is no such call, or it is over.');
    act(caller, asked);
    response.status(204).end();
  });

  return router;
}

function act(caller: BrowserCaller, asked: Action): void {
  switch (asked.do) {
    case 'press':
      caller.press(keysIn(asked.keys));
      break;
    case 'played':
      caller.played(asked.sound);
      break;
    case 'stay-silent':
      caller.staySilent();
      break;
    case 'set-patience':
      caller.setPatience(asked.isPatient);
      break;
    case 'hang-up':
      caller.hangUp();
      break;
  }
}

/** Names the fields that don't fit, and never what was in them. */
function parse<T extends z.ZodType>(schema: T, request: Request): z.infer<T> {
  // A form of another site can't send this type.
  if (!request.is('application/json')) throw new Problem('unsupported_media_type', 'Send JSON.');
  const parsed = schema.safeParse(request.body);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path }) => path.join('.') || 'body');
  throw new Problem('invalid_request', `Look at ${[...new Set(fields)].join(', ')}.`);
}
