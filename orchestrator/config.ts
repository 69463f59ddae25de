/** The only place in the orchestrator that reads the environment. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { backendName, type BackendName } from '@ncsweep/protocol/params';
import { z } from 'zod';
import type { WorkerTemplate } from './jobs/wave-job.ts';

export interface OrchestratorConfig {
  readonly install: string;
  /** Unique among the replicas. */
  readonly identity: string;
  /** Namespace whose Sweeps are looked after; undefined: all. */
  readonly namespace: string | undefined;
  /** Where the Lease lies. */
  readonly ownNamespace: string;
  readonly storeLocation: string;
  readonly backend: BackendName;
  readonly nats: {
    readonly servers: string;
    readonly credentialsFile: string | undefined;
    readonly authorityFile: string | undefined;
  };
  readonly template: WorkerTemplate;
  readonly healthPort: number;
  readonly ackWaitMs: number | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

const objects = z.array(z.record(z.string(), z.unknown()));
const quantities = z.record(z.string(), z.string());

/** What the chart writes into the file of NCSWEEP_WORKER_TEMPLATE. */
const workerTemplate = z.strictObject({
  image: z.string().min(1),
  imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent'),
  imagePullSecrets: z.array(z.string()).default([]),
  environment: objects.default([]),
  volumes: objects.default([]),
  volumeMounts: objects.default([]),
  nodeSelector: z.record(z.string(), z.string()).default({}),
  tolerations: objects.default([]),
  resources: z.strictObject({ train: quantities, evaluate: quantities }),
  priorityClassName: z.string().optional(),
  hostNetwork: z.boolean().default(false),
  scratch: z.string().default('10Gi'),
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
    storeLocation: required(environment, 'NCSWEEP_STORE', 's3://bucket/prefix'),
    backend: backend.data,
    nats: {
      servers: required(environment, 'NCSWEEP_NATS', 'nats://host:port'),
      credentialsFile: environment['NCSWEEP_NATS_CREDS'],
      authorityFile: environment['NCSWEEP_NATS_CA'],
    },
    template: readTemplate(required(environment, 'NCSWEEP_WORKER_TEMPLATE', 'the path of a JSON file')),
    healthPort: whole(environment, 'NCSWEEP_HEALTH_PORT') ?? 8080,
    ackWaitMs: whole(environment, 'NCSWEEP_ACK_WAIT_MS'),
  });
}

function readTemplate(path: string): WorkerTemplate {
  let text: unknown;
  try {
    text = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new InvalidInputError(`NCSWEEP_WORKER_TEMPLATE: ${path} is no readable JSON: ${String(error)}`, { cause: error });
  }
  const parsed = workerTemplate.safeParse(text);
  if (!parsed.success) throw new InvalidInputError(`NCSWEEP_WORKER_TEMPLATE: ${path}: ${z.prettifyError(parsed.error)}`);
  return { ...parsed.data, priorityClassName: parsed.data.priorityClassName };
}

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
