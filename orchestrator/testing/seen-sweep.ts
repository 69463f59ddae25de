/** Sweeps as the controller's decisions see them. */
import type { SweepStatus } from '@ncsweep/protocol/status';
import { admit, type Admission, type Admitted } from '../cluster/decide/admit.ts';
import { decide, type Seen } from '../cluster/decide/decide.ts';
import { finalizer } from '../cluster/decide/deletion.ts';
import { nothingMade, type PoolsSeen } from '../cluster/decide/pools.ts';
import { stageOf } from '../cluster/decide/stage.ts';
import type { SweepResource } from '../cluster/decide/sweep-resource.ts';
import type { PodTemplate } from '../cluster/jobs/pod.ts';
import { nothingPushed } from '../planning/spec/pushed-data.ts';
import { engineStatus } from './engine-status.ts';

export const nowMs = Date.UTC(2026, 0, 2);
export const minutesAgo = (minutes: number): string => new Date(nowMs - minutes * 60_000).toISOString();

export const resource = (spec: object = {}, metadata: object = {}, status?: SweepStatus): SweepResource => {
  const of = { name: 'a', namespace: 'lab', uid: 'uid-of-a', generation: 3, ...metadata };
  const asked = {
    dataset: [{ name: 'prototypes' as const }],
    architecture: [{ name: 'mlp' }],
    training: [{ name: 'ST', epochs: 2 }],
    seed: ['1..2'],
    grids: [{ name: 'g', attack: [{ name: 'fgsm', kind: 'fgsm' }], epsilon: ['4/255'] }],
    ...spec,
  };
  return status === undefined ? { metadata: of, spec: asked } : { metadata: of, spec: asked, status };
};

export const admission = admit(resource(), nothingPushed, { backend: 'wasm', mostCells: 1000 }) as Admitted;
export const notAllowed: Admission = { kind: 'refused', reason: 'StoreNotAllowed', message: 'no' };
export const refused: Admission = { kind: 'refused', reason: 'InvalidSpec', message: 'no' };

export const podTemplate: PodTemplate = {
  image: 'worker:1',
  imagePullPolicy: 'IfNotPresent',
  imagePullSecrets: [],
  environment: [],
  volumes: [],
  volumeMounts: [],
  nodeSelector: {},
  tolerations: [],
  hostNetwork: false,
  scratch: '1Gi',
  priorityClassName: undefined,
  overlay: {},
};
const store = { location: 's3://b/p' };
const cpu = { cpu: '1' };
const workerTemplate = { ...podTemplate, resources: { train: cpu, evaluate: cpu } };
export const pools = (of: SweepResource, change: Partial<PoolsSeen> = {}): PoolsSeen => ({
  install: { install: 'lab', template: workerTemplate },
  store,
  resource: of,
  sweep: admission.plan.sweep,
  backend: 'wasm',
  waves: { train: [], evaluate: [] },
  queued: { train: 2, evaluate: 0 },
  memorySteps: { train: 0, evaluate: 0 },
  busyWaves: [],
  weights: {},
  problems: { train: undefined, evaluate: undefined },
  share: undefined,
  usage: { pods: 0, gpus: 0 },
  memory: nothingMade,
  nowMs,
  ...change,
});
const ready = { ready: true, reason: 'Ready', message: '' };
export const silent = { ready: false, reason: 'Unreachable', message: 'no answer' };

/** A running Sweep, apart from the given changes. */
export function seen(change: Partial<Seen> = {}): Seen {
  const of = change.resource ?? resource();
  const judged = 'admission' in change ? change.admission : admission;
  const isReady = (change.store ?? ready).ready === true && (change.stream ?? ready).ready === true;
  const stage = change.stage ?? stageOf(of, judged, isReady && (change.hasEngine ?? true));
  return {
    stage,
    resource: of,
    admission: judged,
    store: ready,
    stream: ready,
    engine: engineStatus(),
    place: { kind: 'allowed', store },
    nameOf: () => undefined,
    nowMs,
    install: 'lab',
    reportTemplate: { ...podTemplate, resources: cpu },
    reportJob: () => undefined,
    waveNames: ['a-train-0'],
    jobNames: ['a-train-0', 'a-report-1'],
    hasPods: true,
    hasWorkers: true,
    hasEngine: true,
    canOpen: isReady,
    pools: stage === 'running' ? pools(of) : undefined,
    deletion: { location: 's3://b/p', isRunning: false, result: undefined, problem: '' },
    deletionLimitMs: 600_000,
    ...change,
  };
}
export const over = (minutes: number, reason = 'Written'): SweepStatus => ({
  observedGeneration: 3,
  report: { key: 'k', generation: 3 },
  conditions: [
    {
      type: 'Complete',
      status: 'True',
      reason: 'AllCommitted',
      message: '',
      observedGeneration: 3,
      lastTransitionTime: minutesAgo(minutes),
    },
    { type: 'ReportReady', status: 'True', reason, message: '', observedGeneration: 3, lastTransitionTime: minutesAgo(minutes) },
  ],
});
export const deleted = (minutes: number, more: object = {}): object => ({
  deletionTimestamp: minutesAgo(minutes),
  finalizers: ['other', finalizer],
  ...more,
});
export const remove = { deletionPolicy: 'Delete' as const };

/** Kinds of the steps that are decided on. */
export const kinds = (of: Seen): string[] => decide(of).steps.map((step) => step.kind);

/** Nothing of it works any more. */
export function stopped(): Partial<Seen> {
  return { waveNames: [], jobNames: [], hasEngine: false, hasPods: false, hasWorkers: false };
}

/** Over for a minute, with the report that is due. */
export function reported(spec: object = {}): SweepResource {
  const of = resource(spec, {}, over(1));
  const { steps } = decide(seen({ ...stopped(), resource: of }));
  const [job] = steps.flatMap((step) => (step.kind === 'create-job' ? [step.manifest] : []));
  const labels = (job!['metadata'] as { labels: Record<string, string> }).labels;
  return resource(spec, {}, { ...over(1), report: { key: labels['ncsweep.dev/report']!, generation: 3 } });
}

export function deletion(change: Partial<Seen['deletion']>): Seen['deletion'] {
  return { location: 's3://b/p', isRunning: false, result: undefined, problem: '', ...change };
}
