/** The only place in the worker that reads the environment. */
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { backendName, type BackendName } from '@ncsweep/protocol/params';

export interface WorkerConfig {
  /** Unique among the workers of a run. */
  readonly worker: string;
  readonly storeLocation: string;
  readonly backend: BackendName;
  readonly threads: number;
  /** The program of the compute process. */
  readonly computeProgram: string;
  readonly node: string;
  readonly podUid: string | undefined;
  readonly buildId: string;
  /** Where tasks come from on a cluster; undefined: from the parent process. */
  readonly pool: PoolConfig | undefined;
}

export interface PoolConfig {
  /** NATS addresses, comma-separated. */
  readonly servers: string;
  readonly install: string;
  /** uid of the sweep. */
  readonly sweep: string;
  readonly taskClass: string;
  readonly wave: string;
  /** A .creds file. */
  readonly credentialsFile: string | undefined;
  /** PEM of the authority that signed the server's certificate. */
  readonly authorityFile: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

const buildId = 'ncsweep-0.1.0';

/** @throws InvalidInputError naming the variable, what was expected and what was found */
export function readWorkerConfig(environment: Environment = process.env): WorkerConfig {
  const backend = backendName.safeParse(environment['NCSWEEP_BACKEND']);
  if (!backend.success) throw unexpected('NCSWEEP_BACKEND', backendName.options.join(' | '), environment['NCSWEEP_BACKEND']);
  const threads = Number(environment['NCSWEEP_THREADS'] ?? '1');
  if (!Number.isInteger(threads) || threads < 1) {
    throw unexpected('NCSWEEP_THREADS', 'a positive integer', environment['NCSWEEP_THREADS']);
  }
  return Object.freeze({
    worker: required(environment, 'NCSWEEP_WORKER', 'a name'),
    storeLocation: required(environment, 'NCSWEEP_STORE', 'a directory or s3://bucket/prefix'),
    backend: backend.data,
    threads,
    computeProgram: environment['NCSWEEP_COMPUTE'] ?? fileURLToPath(import.meta.resolve('./compute.ts')),
    node: environment['NCSWEEP_NODE'] ?? hostname(),
    podUid: environment['NCSWEEP_POD_UID'],
    buildId: environment['NCSWEEP_BUILD_ID'] ?? buildId,
    pool: poolConfig(environment),
  });
}

function poolConfig(environment: Environment): PoolConfig | undefined {
  const servers = environment['NCSWEEP_NATS'];
  if (!servers) return undefined;
  return Object.freeze({
    servers,
    install: required(environment, 'NCSWEEP_INSTALL', 'the id of the install'),
    sweep: required(environment, 'NCSWEEP_SWEEP', 'the uid of a sweep'),
    taskClass: required(environment, 'NCSWEEP_CLASS', 'train or evaluate'),
    wave: required(environment, 'NCSWEEP_WAVE', 'the name of the wave'),
    credentialsFile: environment['NCSWEEP_NATS_CREDS'],
    authorityFile: environment['NCSWEEP_NATS_CA'],
  });
}

/** What the compute process needs: it inherits the environment of its supervisor. */
export function readComputeConfig(environment: Environment = process.env): Pick<WorkerConfig, 'backend' | 'threads'> {
  const { backend, threads } = readWorkerConfig(environment);
  return { backend, threads };
}

function required(environment: Environment, name: string, expected: string): string {
  const found = environment[name];
  if (!found) throw unexpected(name, expected, found);
  return found;
}

function unexpected(name: string, expected: string, found: string | undefined): InvalidInputError {
  return new InvalidInputError(`${name}: expected ${expected}, found ${found === undefined ? 'nothing' : JSON.stringify(found)}`);
}
