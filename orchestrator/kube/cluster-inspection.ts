/** What a person can see of a cluster, for `ncsweep doctor`. Changes nothing. */
import { AuthorizationV1Api, CoreV1Api, CustomObjectsApi, VersionApi } from '@kubernetes/client-node';
import { sweepCrd } from '@ncsweep/catalog/language/crd';
import { isDeepStrictEqual } from 'node:util';
import { isDevice } from '../cluster/jobs/devices.ts';
import { chosenConfig, wordsOf, type ClusterChoice } from './kube-config.ts';
import { statusOf } from './kind-source.ts';

export interface ClusterInspection {
  readonly server: string;
  readonly namespace: string;
  readonly version: () => Promise<string>;
  /** Whether the custom resource exists and matches this build; undefined: it may not be read. */
  readonly resource: () => Promise<'current' | 'other' | 'absent' | undefined>;
  readonly mayCreateSweeps: () => Promise<boolean>;
  /** Devices that worker pods of the installs here ask for; undefined: they may not be read. */
  readonly workerDevices: () => Promise<readonly string[] | 'no install' | undefined>;
  /** How much of a resource all nodes together offer; undefined: nodes may not be read. */
  readonly offered: (resource: string) => Promise<number | undefined>;
}

const definition = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  name: 'sweeps.ncsweep.dev',
};
const [unauthorized, forbidden, notFound] = [401, 403, 404];

async function unlessForbidden<T>(action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if ([unauthorized, forbidden].includes(statusOf(error) ?? 0)) return undefined;
    throw error;
  }
}

interface Definition {
  readonly spec: {
    readonly versions: readonly { readonly schema?: { readonly openAPIV3Schema?: { readonly properties?: unknown } } }[];
  };
}

/** The devices in what an install sets for worker pods. */
function devicesOfTemplate(text: string): string[] {
  const { resources } = JSON.parse(text) as { readonly resources?: Readonly<Record<string, Readonly<Record<string, unknown>>>> };
  return Object.values(resources ?? {}).flatMap((ofClass) => Object.keys(ofClass).filter(isDevice));
}

/** The schema of what people may write; the API server fills in the rest of a definition. */
function schemaOf(crd: unknown): unknown {
  const { properties } = (crd as Definition).spec.versions[0]?.schema?.openAPIV3Schema ?? {};
  return (properties as { spec?: unknown } | undefined)?.spec;
}

/** @throws InvalidInputError for a kubeconfig or context that does not exist */
export function inspectCluster(choice: ClusterChoice): ClusterInspection {
  const { config, namespace } = chosenConfig(choice);
  const ours = sweepCrd();
  return {
    server: config.getCurrentCluster()?.server ?? 'no cluster',
    namespace,
    version: async () => {
      try {
        return (await config.makeApiClient(VersionApi).getCode()).gitVersion;
      } catch (error) {
        throw new Error(wordsOf(error), { cause: error });
      }
    },
    resource: () =>
      unlessForbidden(async () => {
        try {
          // Read as is: the client's own type for a definition renames fields.
          const found: unknown = await config.makeApiClient(CustomObjectsApi).getClusterCustomObject(definition);
          return isDeepStrictEqual(schemaOf(found), schemaOf(JSON.parse(JSON.stringify(ours)))) ? 'current' : 'other';
        } catch (error) {
          if (statusOf(error) === notFound) return 'absent';
          throw error;
        }
      }),
    mayCreateSweeps: async () => {
      const resourceAttributes = { namespace, verb: 'create', group: 'ncsweep.dev', resource: 'sweeps' };
      const body = { spec: { resourceAttributes } };
      return (await config.makeApiClient(AuthorizationV1Api).createSelfSubjectAccessReview({ body })).status?.allowed ?? false;
    },
    workerDevices: () =>
      unlessForbidden(async () => {
        const labelSelector = 'app.kubernetes.io/name=ncsweep';
        const { items } = await config.makeApiClient(CoreV1Api).listConfigMapForAllNamespaces({ labelSelector });
        const templates = items.flatMap(({ data }) => data?.['template.json'] ?? []);
        return templates.length === 0 ? 'no install' : [...new Set(templates.flatMap(devicesOfTemplate))].sort();
      }),
    offered: (resource) =>
      unlessForbidden(async () => {
        const { items } = await config.makeApiClient(CoreV1Api).listNode();
        return items.reduce((sum, { status }) => sum + Number(status?.allocatable?.[resource] ?? 0), 0);
      }),
  };
}
