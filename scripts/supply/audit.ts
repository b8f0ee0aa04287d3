/** What is known against the packages that we use, by `npm audit`. */
import { execFile } from 'node:child_process';
import { z } from 'zod';

/** Something known against a package. */
export interface Advisory {
  readonly url: string;
  readonly severity: string;
  readonly packageName: string;
  readonly title: string;
}

/** The registry gave no answer, so nothing is known: neither good nor bad. */
export class AuditUnavailable extends Error {}

const advisory = z.object({ url: z.string(), severity: z.string(), name: z.string(), title: z.string() });

const report = z.object({
  auditReportVersion: z.literal(2),
  // A `via` that is a string names another package, whose advisory is in the report too.
  vulnerabilities: z.record(z.string(), z.object({ via: z.array(z.union([z.string(), advisory])) })),
});

const failure = z.object({ message: z.string() });

/**
 * Asks the registry about each package in the lockfile of `folder`, tools included. `registry` is npm's setting unless
 * given. Throws `AuditUnavailable` when the registry doesn't answer that.
 */
export async function audit(folder: string, registry?: string): Promise<Advisory[]> {
  const args = ['audit', '--json', '--package-lock-only', '--fetch-retries=0'];
  if (registry !== undefined) args.push(`--registry=${registry}`);
  // npm exits with 1 both for a finding and for a failure; only what it says tells them apart.
  const said = await new Promise<string>((resolve) => {
    execFile('npm', args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 }, (_, stdout) => resolve(stdout));
  });
  const parsed: unknown = JSON.parse(said === '' ? '{}' : said);
  const failed = failure.safeParse(parsed);
  if (failed.success) throw new AuditUnavailable(failed.data.message);

  const found = new Map<string, Advisory>();
  for (const { via } of Object.values(report.parse(parsed).vulnerabilities)) {
    for (const one of via) {
      if (typeof one === 'string') continue;
      const { url, severity, name, title } = one;
      found.set(`${url} ${name}`, { url, severity, packageName: name, title });
    }
  }
  return [...found.values()];
}

/** Advisories that don't concern us, by address, each with the reason. `docs/supply.md` tells them too. */
export const explained: Readonly<Record<string, string>> = {};
