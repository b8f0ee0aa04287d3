/**
 * The machines that a service runs on, and their restart one after the other, as a balancer and an operator do it: what is under way
 * on a machine is let finish, others answer meanwhile, and then it starts with other settings.
 */
import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import { manualCall } from '../support/manual-call.ts';
import { type FakeClock, startTestService, type TestOptions, type TestService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

export type Env = Readonly<Record<string, string>>;

/** The address of the balancer: what the provider calls, whichever machine answers. */
const publicUrl = 'https://pin.example.com';

export interface Fleet {
  /** Restarts every machine with these settings, one after the other. `between` runs after each. */
  rollOut(env: Env, between?: () => Promise<void>): Promise<void>;
  /** Restarts one machine. */
  restart(machine: number, env: Env): Promise<void>;
  /** The machines that answer now. */
  running(): readonly TestService[];
  /** One of them; each time the next one. */
  next(): TestService;
  /** A call, each of whose webhooks reaches the next machine. `token` is asked for before each of them. */
  call(token: () => string, from?: string): FleetCall;
  /** Calls one after the other, until it is told to end; resolves to what each of them heard last. */
  keepCalling(token: () => string, extension: string, pin: string): { end(): Promise<readonly string[]> };
}

export interface FleetCall {
  /** The call comes in, and the caller keys these one after the other; resolves to the last answer. */
  start(...keyed: readonly string[]): Promise<string>;
  key(...keyed: readonly string[]): Promise<string>;
}

interface FleetOptions {
  /** Settings that hold on each machine, at each start. */
  readonly env: Env;
  readonly clock: FakeClock;
  /** More than one need an engine that they can share. */
  readonly machines: number;
  readonly policy?: TestOptions['policy'];
}

interface Machine {
  /** Null: it isn't running, or takes no more requests. */
  ringkey: TestService | null;
  underWay: number;
}

/** Its machines end with the test. They don't run before they are started. */
export function fleetOf({ env: shared, clock, machines: count, policy }: FleetOptions): Fleet {
  const machines: Machine[] = Array.from({ length: count }, () => ({ ringkey: null, underWay: 0 }));
  const dataDir = temporaryFolder();
  let turn = 0;
  let lastCaller = 1000;
  onTestFinished(async () => {
    await Promise.all(machines.map(({ ringkey }) => ringkey?.stop()));
  });

  function nextMachine(): Machine | null {
    for (let tries = 0; tries < machines.length; tries += 1) {
      turn += 1;
      const machine = machines[turn % machines.length];
      if (machine !== undefined && machine.ringkey !== null) return machine;
    }
    return null;
  }

  /** Takes a request to the next machine; where there is none, it waits for one, as a provider does that tries again. */
  async function reach(work: (url: string) => Promise<string>): Promise<string> {
    const machine = nextMachine();
    if (machine?.ringkey == null) {
      await setTimeout(5);
      return reach(work);
    }
    machine.underWay += 1;
    try {
      return await work(machine.ringkey.service.url);
    } finally {
      machine.underWay -= 1;
    }
  }

  async function restart(number: number, env: Env): Promise<void> {
    const machine = machines[number];
    if (machine === undefined) throw new Error(`There is no machine ${number}.`);
    const stopping = machine.ringkey;
    machine.ringkey = null;
    while (machine.underWay > 0) await setTimeout(1);
    await stopping?.stop();
    machine.ringkey = await startTestService({
      clock,
      dataDir,
      env: { PUBLIC_URL: publicUrl, ...shared, ...env },
      ...(policy === undefined ? {} : { policy }),
    });
  }

  function call(token: () => string, from?: string): FleetCall {
    lastCaller += 1;
    const made = manualCall(publicUrl, token, from ?? `+1555130${lastCaller}`);
    const sound = ({ status, body }: { readonly status: number; readonly body: string }) => {
      expect(status, body).toBe(200);
      return body;
    };
    async function key(...keyed: readonly string[]): Promise<string> {
      let heard = '';
      for (const digits of keyed) heard = await reach(async (url) => sound(await made.key(url, digits)));
      return heard;
    }
    return {
      key,
      async start(...keyed) {
        const greeting = await reach(async (url) => sound(await made.start(url)));
        return keyed.length === 0 ? greeting : key(...keyed);
      },
    };
  }

  return {
    restart,
    async rollOut(env, between = async () => {}) {
      for (const number of machines.keys()) {
        await restart(number, env);
        await between();
      }
    },
    running: () => machines.flatMap(({ ringkey }) => (ringkey === null ? [] : [ringkey])),
    next() {
      const ringkey = nextMachine()?.ringkey;
      if (ringkey == null) throw new Error('No machine is running.');
      return ringkey;
    },
    call,
    keepCalling(token, extension, pin) {
      const heard: string[] = [];
      let isEnding = false;
      const calling = (async () => {
        while (!isEnding) {
          heard.push(await call(token).start(extension, pin));
          await setTimeout(50);
        }
      })();
      // What fails is told by whoever ends it.
      calling.catch(() => {});
      return {
        async end() {
          isEnding = true;
          await calling;
          return heard;
        },
      };
    },
  };
}
