/** Has the report of a Sweep written when one is due, by a Job. */
import { keys } from '@ncsweep/protocol/keys';
import { reportJob, type ReportTemplate } from './jobs/report-job.ts';
import type { Cluster } from './cluster.ts';
import { observeReport, wantedReport, type ReportObserved } from './decide/report.ts';
import type { SweepResource } from './decide/sweep-resource.ts';

interface ReportKeeperOptions {
  readonly install: string;
  /** Store of sweeps that name none. */
  readonly storeLocation: string;
  readonly reportTemplate: ReportTemplate;
  readonly cluster: Cluster;
}

export class ReportKeeper {
  readonly #options: ReportKeeperOptions;

  constructor(options: ReportKeeperOptions) {
    this.#options = options;
  }

  async pass(resource: SweepResource): Promise<ReportObserved> {
    const { install, reportTemplate, cluster } = this.#options;
    const { metadata, spec } = resource;
    const storeLocation = spec.storage?.location ?? this.#options.storeLocation;
    const key = wantedReport(resource);
    const job = key === undefined ? undefined : cluster.reportJob(metadata.uid, key);
    const url = `${storeLocation.replace(/[?].*$/, '').replace(/[/]$/, '')}/${keys.report(metadata.uid, 'index.html')}`;
    const observed = observeReport(resource, job, url);
    if (key !== undefined && job === undefined && observed.report?.key !== key)
      await cluster.createJob(reportJob({ sweep: metadata, key, install, storeLocation, template: reportTemplate }));
    return observed;
  }
}
