/**
 * A worker: the supervisor process. It owns the store, stream, signals and heartbeat, imports no tensor library, and exits with its
 * parent.
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { outliveOutput } from '@ncsweep/protocol/lost-output';
import { openStore } from '@ncsweep/protocol/store/open-store';
import {
  CorruptObjectError,
  NewerStoreError,
  type ObjectStore,
  StoreUnavailableError,
} from '@ncsweep/protocol/store/object-store';
import { PatientStore } from '@ncsweep/protocol/store/patient-store';
import { OlderProgramError } from './accept-task.ts';
import { ComputeProcess, DeviceUnusableError } from './compute-process.ts';
import { readWorkerConfig } from './config.ts';
import { DecodedDatasets } from './data/decoded-datasets.ts';
import { DiskCache } from './disk-cache.ts';
import { openStream, type OpenStream } from './open-stream.ts';
import { makeScratchFolder } from './scratch-folder.ts';
import { Supervisor, workerExit } from './supervisor.ts';

function exitCodeOf(error: unknown): number {
  if (error instanceof DeviceUnusableError) return workerExit.device;
  if (error instanceof NewerStoreError || error instanceof OlderProgramError) return workerExit.protocol;
  // Once nobody reports on the task any more, it is delivered again.
  if (error instanceof StoreUnavailableError && error.isTransient) return workerExit.disruption;
  const configuration = [StoreUnavailableError, CorruptObjectError, InvalidInputError];
  return configuration.some((kind) => error instanceof kind) ? workerExit.configuration : workerExit.unexpected;
}

/** Time allowed for giving a task back once its compute process has ended, ms. */
const giveBackMs = 20_000;

/** Decoded datasets that a worker on one machine keeps for later tasks, bytes. */
const keptArraysBytes = 2 * 2 ** 30;

/** How long a pod waits for an unreachable store (docs/contracts.md "Commit"). */
const storePatienceMs = 30 * 60_000;

// A worker of `ncsweep run` inherits its parent's stderr, whose reader may be gone.
outliveOutput(process.stderr);
const stop = new AbortController();
const config = readWorkerConfig();
const scratch = makeScratchFolder();
const { computeCommand: command, backend, threads } = config;
const compute = new ComputeProcess({ command, backend, threads, scratch: path.join(scratch, 'payloads') });
/** A terminal sends Ctrl-C to every process; the parent decides what it means and sends SIGTERM. */
process.on('SIGINT', () => undefined);
process.on('SIGHUP', () => undefined);
process.on('SIGTERM', () => {
  stop.abort();
  // An unresponsive store must not cost us the exit code by which Kubernetes recognises a disruption.
  setTimeout(() => leave(workerExit.disruption), config.stopGraceMs + giveBackMs).unref();
});
process.on('disconnect', () => {
  leave(workerExit.disruption);
});

/** Ends the compute program and the worker at once. */
function leave(exitCode: number): never {
  compute.kill();
  rmSync(scratch, { recursive: true, force: true });
  process.exit(exitCode);
}

/** A pod waits for its store and says so; on a single machine the user gets the error at once. */
function patient(store: ObjectStore): ObjectStore {
  if (config.pool === undefined) return store;
  return new PatientStore(store, {
    limitMs: storePatienceMs,
    now: Date.now,
    random: Math.random,
    pause: (ms) => pause(ms),
    onWait: ({ message }) => process.stderr.write(`waiting: ${message}\n`),
  });
}

async function main(stream: OpenStream['stream']): Promise<{ exitCode: number; message?: string }> {
  try {
    const store = await openStore(config.storeLocation, 'write', patient);
    const cache = config.cache && (await DiskCache.open(config.cache.folder, config.cache.limitBytes));
    const arrays = cache ?? (await DiskCache.open(scratch, keptArraysBytes, { mayExceed: true }));
    const datasets = new DecodedDatasets(arrays);
    try {
      return { exitCode: await new Supervisor(config, { store, stream, compute, cache, datasets }, stop.signal).run() };
    } finally {
      await datasets.close();
      await cache?.close();
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { exitCode: exitCodeOf(error), message };
  }
}

const opened = await openStream(config).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(workerExit.configuration);
});
const ended = await main(opened.stream);
await opened.stream.event({ v: 1, kind: 'worker-drained', worker: config.worker, atMs: Date.now(), ...ended });
if (config.pool && ended.message !== undefined) process.stderr.write(`${ended.message}\n`);
await opened.close();
leave(ended.exitCode);
