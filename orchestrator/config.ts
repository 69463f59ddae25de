/** The only place that reads the orchestrator's environment; kube/config.ts reads what kubectl reads. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { backendName, type BackendName } from '@ncsweep/catalog/backends';
import { z } from 'zod';
import type { NamespaceLimits } from './cluster/jobs/namespace-limits.ts';
import type { PodPolicy } from './cluster/jobs/pod-policy.ts';
import type { ReportTemplate } from './cluster/jobs/report-job.ts';
import type { WorkerTemplate } from './cluster/jobs/wave-job.ts';
import type { StorePolicy } from './cluster/stores/store-policy.ts';
import type { MetricsAddress } from './metrics-endpoint.ts';
import { checkPodTemplate } from './planning/spec/check-pod-template.ts';
import { InvalidSweepError, type Problem } from './planning/spec/problem.ts';
import { Reporter } from './planning/spec/reporter.ts';
import type { Address } from './probes.ts';

export interface OrchestratorConfig {
  readonly install: string;
  /** Unique among the replicas. */
  readonly identity: string;
  /** Namespace whose Sweeps this orchestrator manages; undefined: all. */
  readonly namespace: string | undefined;
  /** Namespace of the Lease. */
  readonly ownNamespace: string;
  readonly stores: StorePolicy;
  readonly podPolicy: PodPolicy;
  readonly backend: BackendName;
  readonly nats: {
    readonly servers: string;
    readonly credentialsFile: string | undefined;
    readonly authorityFile: string | undefined;
  };
  readonly template: WorkerTemplate;
  readonly reportTemplate: ReportTemplate;
  readonly health: Address;
  readonly metrics: MetricsAddress;
  readonly ackWaitMs: number | undefined;
  /** How long deleting a Sweep's results may delay the removal of its object. */
  readonly deletionLimitMs: number;
  readonly limits: NamespaceLimits;
  /** Maximum number of cells in one Sweep. */
  readonly mostCells: number;
  /** Maximum number of cells in all running Sweeps together: each takes memory. */
  readonly mostCellsOfAll: number;
  /** Where plans are kept across restarts; undefined: nowhere. */
  readonly cacheFolder: string | undefined;
  /** How long a watch may be silent before it is restarted, ms. */
  readonly watchSilenceMs: number | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

const objects = z.array(z.record(z.string(), z.unknown()));
const quantities = z.record(z.string(), z.string());

/** What differs between worker pods and report pods. */
const placement = {
  image: z.string().min(1),
  imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent'),
  nodeSelector: z.record(z.string(), z.string()).default({}),
  tolerations: objects.default([]),
};

const namespaceLimit = z.strictObject({ pods: z.int().min(0).optional(), gpus: z.int().min(0).optional() });
const namespaceLimits = z.strictObject({
  perNamespace: namespaceLimit.default({}),
  namespaces: z.record(z.string(), namespaceLimit).default({}),
  weights: z.record(z.string(), z.number().min(0).max(1000)).default({}),
});

const storePolicy = z.strictObject({
  separate: z.boolean().default(false),
  allowed: z
    .array(
      z.strictObject({
        location: z.string().startsWith('s3://'),
        namespaces: z.array(z.string().min(1)).optional(),
        secretName: z.string().min(1).optional(),
        credentialsFolder: z.string().min(1).optional(),
      }),
    )
    .default([]),
});

const nameList = z.array(z.string().min(1));
const podPolicy = z.strictObject({
  serviceAccounts: nameList.default([]),
  priorityClasses: nameList.default([]),
  workloadPriorityClasses: nameList.default([]),
  secrets: nameList.default([]),
  configMaps: nameList.default(['*']),
  images: nameList.default([]),
  csiDrivers: nameList.default([]),
  commands: z.boolean().default(false),
});

/** Examples of variables whose value is JSON. */
const examples = {
  limits: { perNamespace: { pods: 50, gpus: 8 }, namespaces: { lab: { pods: 100 } }, weights: { 'nvidia.com/gpu.shared': 0.25 } },
  pods: { serviceAccounts: ['reads-the-bucket'], secrets: ['lab-*'], commands: false },
  stores: { separate: true, allowed: [{ location: 's3://vision/sweeps', namespaces: ['vision'] }] },
};

/** What the chart writes into the file that NCSWEEP_POD_TEMPLATE names. */
const podTemplate = z.strictObject({
  ...placement,
  imagePullSecrets: z.array(z.string()).default([]),
  environment: objects.default([]),
  volumes: objects.default([]),
  volumeMounts: objects.default([]),
  images: z.partialRecord(backendName, z.string().min(1)).optional(),
  resources: z.strictObject({ train: quantities, evaluate: quantities }),
  report: z.strictObject({ ...placement, resources: quantities }),
  priorityClassName: z.string().optional(),
  hostNetwork: z.boolean().default(false),
  scratch: z.string().default('10Gi'),
  overlay: z.record(z.string(), z.unknown()).default({}),
});

/** @throws InvalidInputError naming the variable, what was expected and what was found */
export function readOrchestratorConfig(environment: Environment = process.env): OrchestratorConfig {
  const backend = backendName.safeParse(environment['NCSWEEP_BACKEND'] ?? 'wasm');
  if (!backend.success) throw unexpected('NCSWEEP_BACKEND', backendName.options.join(' | '), environment['NCSWEEP_BACKEND']);
  return Object.freeze({
    install: required(environment, 'NCSWEEP_INSTALL', 'the id of the install'),
    identity: environment['NCSWEEP_IDENTITY'] ?? `${hostname()}-${process.pid}`,
    namespace: environment['NCSWEEP_WATCH_NAMESPACE'] === '' ? undefined : environment['NCSWEEP_WATCH_NAMESPACE'],
    ownNamespace: environment['NCSWEEP_NAMESPACE'] ?? 'default',
    stores: {
      own: required(environment, 'NCSWEEP_STORE', 's3://bucket/prefix'),
      ...readJson(environment, 'NCSWEEP_STORE_POLICY', storePolicy, examples.stores),
    },
    backend: backend.data,
    nats: {
      servers: required(environment, 'NCSWEEP_NATS', 'nats://host:port'),
      credentialsFile: environment['NCSWEEP_NATS_CREDS'],
      authorityFile: environment['NCSWEEP_NATS_CA'],
    },
    ...readTemplates(required(environment, 'NCSWEEP_POD_TEMPLATE', 'the path of a JSON file')),
    health: { host: environment['NCSWEEP_HEALTH_HOST'], port: whole(environment, 'NCSWEEP_HEALTH_PORT') ?? 8080 },
    metrics: {
      // Metrics name Sweeps and namespaces: only this machine reads them, unless someone says otherwise.
      host: readHost(environment['NCSWEEP_METRICS_HOST'] ?? '127.0.0.1'),
      port: whole(environment, 'NCSWEEP_METRICS_PORT') ?? 8081,
      secretFolder: environment['NCSWEEP_METRICS_SECRET'],
    },
    ackWaitMs: whole(environment, 'NCSWEEP_ACK_WAIT_MS'),
    deletionLimitMs: 1000 * (whole(environment, 'NCSWEEP_DELETION_LIMIT_SECONDS') ?? 600),
    podPolicy: readJson(environment, 'NCSWEEP_POD_POLICY', podPolicy, examples.pods),
    limits: readJson(environment, 'NCSWEEP_NAMESPACE_LIMITS', namespaceLimits, examples.limits),
    mostCells: whole(environment, 'NCSWEEP_MOST_CELLS') ?? 250_000,
    mostCellsOfAll: whole(environment, 'NCSWEEP_MOST_CELLS_OF_ALL') ?? 1_500_000,
    cacheFolder: environment['NCSWEEP_CACHE_FOLDER'],
    watchSilenceMs: whole(environment, 'NCSWEEP_WATCH_SILENCE_MS'),
  });
}

function readTemplates(path: string): Pick<OrchestratorConfig, 'template' | 'reportTemplate'> {
  let text: unknown;
  try {
    text = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new InvalidInputError(`NCSWEEP_POD_TEMPLATE: ${path} is not readable JSON: ${String(error)}`, { cause: error });
  }
  const parsed = podTemplate.safeParse(text);
  if (!parsed.success) throw new InvalidInputError(`NCSWEEP_POD_TEMPLATE: ${path}: ${z.prettifyError(parsed.error)}`);
  checkOverlay(parsed.data.overlay, path);
  const { report, priorityClassName, ...common } = parsed.data;
  const shared = { ...common, priorityClassName };
  return { template: shared, reportTemplate: { ...shared, ...report } };
}

/** @throws InvalidSweepError, with the same messages as for a Sweep's own `podTemplate` */
function checkOverlay(overlay: Readonly<Record<string, unknown>>, origin: string): void {
  const problems: Problem[] = [];
  checkPodTemplate(overlay, new Reporter(problems, ['podTemplate']));
  if (problems.length === 0) return;
  const placed = problems.map((problem) => ({ ...problem, origin, line: undefined, column: undefined }));
  throw new InvalidSweepError('NCSWEEP_POD_TEMPLATE', placed);
}

/** Reads a variable whose value is JSON. @param example of what is expected */
function readJson<T>(environment: Environment, name: string, schema: z.ZodType<T>, example: object): T {
  const text = environment[name] ?? '{}';
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new InvalidInputError(`${name}: expected JSON such as ${JSON.stringify(example)}, found ${text}`, { cause });
  }
}

/** @param text an address, or `*` for all of this machine's */
const readHost = (text: string): string | undefined => (text === '*' ? undefined : text);

function whole(environment: Environment, name: string): number | undefined {
  const text = environment[name];
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw unexpected(name, 'a whole number', text);
  return value;
}

function required(environment: Environment, name: string, expected: string): string {
  const found = environment[name];
  if (!found) throw unexpected(name, expected, found);
  return found;
}

const unexpected = (name: string, expected: string, found: string | undefined): InvalidInputError =>
  new InvalidInputError(`${name}: expected ${expected}, found ${found === undefined ? 'nothing' : JSON.stringify(found)}`);
