/** Services in this very process, for the model to be compared with. */
import type { TestService } from '../support/service.ts';
import type { Cluster } from './check-model.ts';

/** They must have been started with one clock and one PUBLIC_URL. */
export function clusterOf(services: readonly TestService[]): Cluster {
  const [first] = services;
  if (first === undefined) throw new Error('There is no service to test.');
  return {
    instances: services.map((ringkey) => ({
      url: ringkey.service.url,
      api: ringkey.api,
      hashes: () => ringkey.figure('ringkey_hash_seconds_count'),
    })),
    publicOrigin: first.service.publicUrl.origin,
    authToken: first.secrets.twilioAuthToken,
    now: first.clock.now,
    advance: async (ms) => first.clock.advance(ms),
  };
}
