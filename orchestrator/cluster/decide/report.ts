/** Which report a Sweep should have by now, and what its status says of it. Pure. */
import { keys } from '@ncsweep/protocol/keys';
import { sweepAnnotations, type SweepStatus } from '@ncsweep/protocol/status';
import { reportKey } from '../jobs/report-job.ts';
import { completedOf, isStillComplete, isStillFailed } from './completed.ts';
import type { SweepResource } from './sweep-resource.ts';

export interface ReportJob {
  readonly state: 'running' | 'written' | 'failed';
  readonly message: string;
}

export interface ReportObserved {
  readonly reason: 'Written' | 'Pending' | 'RenderFailed';
  readonly message: string;
  /** The report that was last written, or last failed. */
  readonly report?: SweepStatus['report'];
}

/** The requested retry; empty if none was ever requested. */
export const retryOf = ({ metadata }: SweepResource): string =>
  (metadata.annotations?.[sweepAnnotations.retry] ?? '').slice(0, 256);

/** The URL of a Sweep's report. */
export const reportUrl = (storeLocation: string, uid: string): string =>
  `${storeLocation.replace(/[?].*$/, '').replace(/[/]$/, '')}/${keys.report(uid, 'index.html')}`;

/** Whether the Sweep has ended, and nothing was asked of it since: by a retry, or by an edit that asks for other results. */
export function isOver(resource: SweepResource): boolean {
  if ((resource.status?.retried ?? '') !== retryOf(resource)) return false;
  return isStillComplete(resource) || isStillFailed(resource);
}

/** @returns the key of the report that should exist; undefined while none is due */
export function wantedReport(resource: SweepResource): string | undefined {
  const request = resource.metadata.annotations?.[sweepAnnotations.report];
  const over = isOver(resource);
  if (!over && request === undefined) return undefined;
  const { generation } = isStillComplete(resource) ? completedOf(resource) : resource.metadata;
  return reportKey({ over, request: request ?? null, generation });
}

/** What the status already says. */
export function standing({ status }: SweepResource): ReportObserved {
  const condition = status?.conditions?.find(({ type }) => type === 'ReportReady');
  const reason = (condition?.reason as ReportObserved['reason'] | undefined) ?? 'Pending';
  return {
    reason,
    message: reason === 'Pending' ? 'written when the Sweep is over, or on request' : (condition?.message ?? ''),
    ...(status?.report === undefined ? {} : { report: status.report }),
  };
}

/** @param job that writes the wanted report, if there is one @param url of the finished report */
export function observeReport(resource: SweepResource, job: ReportJob | undefined, url: string): ReportObserved {
  const key = wantedReport(resource);
  const { generation } = resource.metadata;
  const known = standing(resource);
  if (key === undefined || known.report?.key === key) return known;
  switch (job?.state ?? 'running') {
    case 'written':
      return { reason: 'Written', message: url, report: { key, generation, url } };
    case 'failed':
      return { reason: 'RenderFailed', message: job?.message ?? '', report: { key, generation } };
    case 'running':
      return { ...known, reason: 'Pending', message: 'the report is being written' };
  }
}
