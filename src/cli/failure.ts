/**
 * How a command ends, and what keeps it from being done.
 */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  notPermitted: 3,
  notFound: 4,
  unreachable: 5,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** A command that can't be done, in words for whoever typed it. The message holds no PIN and no token. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly exitCode: ExitCode;
  /** How many users a filter fits, when it wasn't as many as were expected. */
  readonly count: number | null;
  constructor(exitCode: ExitCode, message: string, count: number | null = null) {
    super(message);
    this.exitCode = exitCode;
    this.count = count;
  }
}
