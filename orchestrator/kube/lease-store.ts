/** Stores an election's record in a Lease of the API server. */
import { CoordinationV1Api, V1MicroTime, type KubeConfig, type V1Lease } from '@kubernetes/client-node';
import { statusOf } from './kind-source.ts';
import type { LeaseRecord, LeaseStore } from './lease.ts';

const [notFound, conflict] = [404, 409];

export function leaseStore(config: KubeConfig, namespace: string, name: string): LeaseStore {
  const leases = config.makeApiClient(CoordinationV1Api);
  return {
    read: async () => {
      try {
        const { metadata, spec } = await leases.readNamespacedLease({ name, namespace });
        const record: LeaseRecord = {
          holder: spec?.holderIdentity ?? '',
          durationSeconds: spec?.leaseDurationSeconds ?? 0,
          // It is a string at run time, whatever its type says.
          renewTime: JSON.parse(JSON.stringify(spec?.renewTime ?? '')) as string,
          transitions: spec?.leaseTransitions ?? 0,
        };
        return { record, version: metadata?.resourceVersion ?? '' };
      } catch (error) {
        if (statusOf(error) === notFound) return undefined;
        throw error;
      }
    },
    write: async ({ holder, durationSeconds, renewTime, transitions }, version) => {
      const body: V1Lease = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name, namespace, ...(version === undefined ? {} : { resourceVersion: version }) },
        spec: {
          holderIdentity: holder,
          leaseDurationSeconds: durationSeconds,
          leaseTransitions: transitions,
          renewTime: new V1MicroTime(renewTime),
        },
      };
      try {
        if (version === undefined) await leases.createNamespacedLease({ namespace, body });
        else await leases.replaceNamespacedLease({ name, namespace, body });
        return true;
      } catch (error) {
        if (statusOf(error) === conflict) return false;
        throw error;
      }
    },
  };
}
