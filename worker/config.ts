/** The only place in the worker that reads the environment. */
import { hostname } from 'node:os';
import { arrayRequest, type ArrayRequest } from '@ncsweep/catalog/cell-arrays';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { backendName, type BackendName } from '@ncsweep/catalog/backends';
import { buildIdOf, builtCommit } from '@ncsweep/protocol/version';
import { z } from 'zod';
import { computeProgram } from './backend/compute-programs.ts';

export interface WorkerConfig {
  /** Unique among the workers of a run. */
  readonly worker: string;
  readonly storeLocation: string;
  readonly backend: BackendName;
  readonly threads: number;
  /** Arrays that evaluations write beside their results, if requested on this machine. */
  readonly arrays: ArrayRequest | undefined;
  /** The compute program and its arguments. */
  readonly computeCommand: readonly string[];
  readonly node: string;
  readonly podUid: string | undefined;
  readonly buildId: string;
  /** Where datasets and inputs are cached; undefined: they are read in place. */
  readonly cache: { readonly folder: string; readonly limitBytes: number } | undefined;
  /** How long a worker that is told to stop waits for its compute process, ms. */
  readonly stopGraceMs: number;
  /** Where tasks come from on a cluster; undefined: they come from the parent process. */
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
  /** How many times the memory of this pool's pods was raised. */
  readonly memoryStep: number;
  /** A .creds file. */
  readonly credentialsFile: string | undefined;
  /** PEM of the authority that signed the server's certificate. */
  readonly authorityFile: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

const defaultStopGraceMs = 90_000;

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
    arrays: arraysConfig(environment),
    computeCommand: computeCommand(environment, backend.data),
    node: environment['NCSWEEP_NODE'] ?? hostname(),
    podUid: environment['NCSWEEP_POD_UID'],
    buildId: environment['NCSWEEP_BUILD_ID'] || buildIdOf(builtCommit),
    cache: cacheConfig(environment),
    stopGraceMs: whole(environment, 'NCSWEEP_STOP_GRACE_MS') ?? defaultStopGraceMs,
    pool: poolConfig(environment),
  });
}

const command = z.array(z.string()).min(1);

/** A program of anybody's, or that of the backend. */
function computeCommand(environment: Environment, backend: BackendName): readonly string[] {
  const text = environment['NCSWEEP_COMPUTE'];
  if (!text) return computeProgram(backend);
  try {
    return command.parse(JSON.parse(text));
  } catch {
    throw unexpected(
      'NCSWEEP_COMPUTE',
      'a program and its arguments as a JSON list, as in ["python3", "-m", "my_program"]',
      text,
    );
  }
}

function arraysConfig(environment: Environment): ArrayRequest | undefined {
  const text = environment['NCSWEEP_ARRAYS'];
  if (!text) return undefined;
  try {
    return arrayRequest.parse(JSON.parse(text));
  } catch {
    throw unexpected('NCSWEEP_ARRAYS', 'a request as `ncsweep pull` makes it (catalog/cell-arrays.ts)', text);
  }
}

function cacheConfig(environment: Environment): WorkerConfig['cache'] {
  const folder = environment['NCSWEEP_CACHE_FOLDER'];
  if (!folder) return undefined;
  const limitBytes = whole(environment, 'NCSWEEP_CACHE_BYTES');
  if (limitBytes === undefined) throw unexpected('NCSWEEP_CACHE_BYTES', 'a number of bytes', undefined);
  return Object.freeze({ folder, limitBytes });
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
    memoryStep: whole(environment, 'NCSWEEP_MEMORY_STEP') ?? 0,
    credentialsFile: environment['NCSWEEP_NATS_CREDS'],
    authorityFile: environment['NCSWEEP_NATS_CA'],
  });
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

function unexpected(name: string, expected: string, found: string | undefined): InvalidInputError {
  return new InvalidInputError(`${name}: expected ${expected}, found ${found === undefined ? 'nothing' : JSON.stringify(found)}`);
}
