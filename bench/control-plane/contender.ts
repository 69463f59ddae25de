/** A way to run a grid on a cluster, and what it cost its control plane. */
import { setTimeout as pause } from 'node:timers/promises';
import { auditedRequests } from '../../test/harness/audit.ts';
import { ControlPlane } from '../../test/harness/control-plane.ts';
import { type Requests, requestsBetween } from './api-requests.ts';
import { EtcdGrowth } from './etcd-size.ts';

/** Said when every trial has its result; what comes after is the removal of what was made. */
export type Mark = (point: 'done') => void;

export interface Contender {
  readonly variant: string;
  /** What a reader must know. */
  readonly note: string;
  /** Until nothing of it is left on the cluster. @returns peak of memory of a program of its own, bytes */
  run(plane: ControlPlane, mark: Mark): Promise<number | undefined>;
}

export interface Cost {
  /** From the first request until every trial has its result. */
  readonly seconds: number;
  /** Until all is removed again; without what an idle cluster asks in that time. */
  readonly requests: number;
  readonly parties: Requests['of'];
  readonly made: Requests['made'];
  readonly etcdBytes: number;
  readonly memoryBytes: number | undefined;
  /** Of the API server. */
  readonly kubernetes: string;
}

const lookEveryMs = 500;
const patienceMs = 400_000;

/** @throws Error when it is not so in time */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const endMs = Date.now() + patienceMs;
  while (!(await isSo())) {
    if (Date.now() > endMs) throw new Error(`after ${patienceMs / 1000} s this still does not hold: ${what}`);
    await pause(lookEveryMs);
  }
}

/** Room for 2,000 pods at a time. */
export const nodes = 8;
/** The start of a cluster's parts is over after the first, ms; what it asks in the second is its idle load. */
const settleMs = 8_000;
const idleMs = 15_000;

/** On a cluster of its own: etcd's history and caches of one never weigh on another. */
export async function costOf(contender: Contender): Promise<Cost> {
  const plane = await ControlPlane.start(nodes, 'everybody');
  try {
    await plane.installCrd();
    await pause(settleMs + idleMs);
    const etcd = await EtcdGrowth.watch(plane.api.etcd);
    const startMs = Date.now();
    let doneMs = startMs;
    const memoryBytes = await contender.run(plane, () => (doneMs = Date.now()));
    const endMs = Date.now();
    const etcdBytes = await etcd.end();
    const calls = await auditedRequests(plane.api.files.audit);
    const idle = requestsBetween(calls, startMs - idleMs, startMs);
    const during = requestsBetween(calls, startMs, endMs);
    const share = (endMs - startMs) / idleMs;
    const { body: version } = await plane.api.call('GET', '/version');
    return {
      seconds: (doneMs - startMs) / 1000,
      etcdBytes,
      memoryBytes,
      made: during.made,
      requests: Math.round(during.total - idle.total * share),
      parties: during.of,
      kubernetes: String(version['gitVersion']),
    };
  } finally {
    await plane.stop();
  }
}
