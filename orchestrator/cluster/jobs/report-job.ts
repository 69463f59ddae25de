/** The Job that writes a report into the sweep's store, using the command line's image. Pure; created and never updated. */
import { digestOf } from '@ncsweep/protocol/canonical';
import type { SweepResource } from '../decide/sweep-resource.ts';
import type { AllowedStore } from '../stores/store-policy.ts';
import {
  jobName,
  labels,
  ownedBy,
  podSpec,
  queueLabels,
  queueOf,
  type PodTemplate,
  type QueuePlace,
  type SweepIdentity,
} from './pod.ts';
import { ofReports, overlayPod } from './pod-overlay.ts';
import { withCredentials } from './store-credentials.ts';

export interface ReportTemplate extends PodTemplate {
  readonly resources: Readonly<Record<string, string>>;
}

export interface ReportOptions {
  readonly sweep: SweepIdentity;
  /** Identifies what the report covers; equal keys mean the same report. */
  readonly key: string;
  readonly install: string;
  readonly store: AllowedStore;
  readonly template: ReportTemplate;
  /** A Kueue queue; if it has a name, the Job is created suspended and Kueue starts it. */
  readonly queue: QueuePlace;
  /** What the sweep adds to its pods; checked at admission. */
  readonly overlay: Readonly<Record<string, unknown>> | undefined;
}

/** The install's template for reports, adapted to what the sweep says. */
export function reportOptions(
  { install, template }: Pick<ReportOptions, 'install' | 'template'>,
  { metadata, spec }: Pick<SweepResource, 'metadata' | 'spec'>,
  { key, store }: Pick<ReportOptions, 'key' | 'store'>,
): ReportOptions {
  const { priorityClassName = template.priorityClassName, tolerations = [], podTemplate } = spec.execution ?? {};
  const asked = { priorityClassName, tolerations: [...template.tolerations, ...tolerations] };
  return {
    sweep: metadata,
    key,
    install,
    store,
    queue: queueOf(spec.execution),
    overlay: podTemplate,
    template: { ...template, ...asked },
  };
}

/** @param of everything whose change makes another report worth writing */
export const reportKey = (of: object): string => digestOf(of).slice(0, 8);

export const reportJobName = ({ sweep, key }: Pick<ReportOptions, 'sweep' | 'key'>): string => jobName(sweep, `report-${key}`);

/** Exit codes of the command line after which a retry is useless: an error, invalid input, not found. */
const hopeless = [1, 2, 4];
/** A report that takes longer fails. */
const deadlineSeconds = 3600;

/** @returns a batch/v1 Job */
export function reportJob(options: ReportOptions): Record<string, unknown> {
  const { sweep, key, install, store, template, queue } = options;
  const common = { ...labels.of(sweep, install, 'ncsweep-report'), [labels.report]: key };
  const container = {
    name: 'report',
    resources: template.resources,
    args: ['report', sweep.name, '--uid', sweep.uid, '--publish'],
    environment: [{ name: 'NCSWEEP_STORE', value: store.location }, ...withCredentials(template.environment, store)],
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: reportJobName(options),
      namespace: sweep.namespace,
      labels: { ...common, ...queueLabels(queue) },
      ownerReferences: [ownedBy(sweep)],
    },
    spec: {
      ...(queue.queueName === undefined ? {} : { suspend: true }),
      backoffLimit: 3,
      activeDeadlineSeconds: deadlineSeconds,
      ttlSecondsAfterFinished: 3600,
      podFailurePolicy: {
        rules: [
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          { action: 'FailJob', onExitCodes: { containerName: 'report', operator: 'In', values: [...hopeless] } },
        ],
      },
      template: [template.overlay, options.overlay ?? {}]
        .map(ofReports)
        .reduce(overlayPod, { metadata: { labels: common }, spec: podSpec(template, container) }),
    },
  };
}
