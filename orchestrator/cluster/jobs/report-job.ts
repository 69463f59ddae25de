/** The Job that writes a report into the sweep's store, by the image of the command line. Pure; created and never updated. */
import { digestOf } from '@ncsweep/protocol/canonical';
import { jobName, labels, ownedBy, podSpec, type PodTemplate, type SweepIdentity } from './pod.ts';

export interface ReportTemplate extends PodTemplate {
  readonly resources: Readonly<Record<string, string>>;
}

export interface ReportOptions {
  readonly sweep: SweepIdentity;
  /** What the report is of; equal keys are one report. */
  readonly key: string;
  readonly install: string;
  readonly storeLocation: string;
  readonly template: ReportTemplate;
}

/** @param of all that, when it changes, makes another report worth writing */
export const reportKey = (of: object): string => digestOf(of).slice(0, 8);

export const reportJobName = ({ sweep, key }: Pick<ReportOptions, 'sweep' | 'key'>): string => jobName(sweep, `report-${key}`);

/** Exit codes of the command line after which trying again is useless: an error, invalid input, not found. */
const hopeless = [1, 2, 4];
/** A report that takes longer fails. */
const deadlineSeconds = 3600;

/** @returns a batch/v1 Job */
export function reportJob(options: ReportOptions): Record<string, unknown> {
  const { sweep, key, install, storeLocation, template } = options;
  const common = { ...labels.of(sweep, install, 'ncsweep-report'), [labels.report]: key };
  const container = {
    name: 'report',
    resources: template.resources,
    args: ['report', sweep.name, '--uid', sweep.uid, '--publish'],
    environment: [{ name: 'NCSWEEP_STORE', value: storeLocation }, ...template.environment],
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: reportJobName(options), namespace: sweep.namespace, labels: common, ownerReferences: [ownedBy(sweep)] },
    spec: {
      backoffLimit: 3,
      activeDeadlineSeconds: deadlineSeconds,
      ttlSecondsAfterFinished: 3600,
      podFailurePolicy: {
        rules: [
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          { action: 'FailJob', onExitCodes: { containerName: 'report', operator: 'In', values: [...hopeless] } },
        ],
      },
      template: { metadata: { labels: common }, spec: podSpec(template, container) },
    },
  };
}
