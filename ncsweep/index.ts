/**
 * Sweeps for research on neural collapse and adversarial robustness, as a library (docs/library.md).
 *
 * Functions take plain options, keep no state, print nothing and throw the classes below. Those that may run for long accept an
 * `AbortSignal`.
 */
export { loadSweep, validateSweep, type LoadOptions, type ValidateOptions } from './load-sweep.ts';
export type { SweepSource, SweepText } from './sweep-source.ts';
export { planSweep, type PlanOptions, type SweepPlan } from './plan-sweep.ts';
export { runSweep, type RunOptions, type SweepRun } from './run-sweep.ts';
export { publishReport, readReport, verdictLines, writeReport, type SweepReport } from './report.ts';
export { openDash, type Dash, type DashOptions } from './dash.ts';
export { findSweep, type FindOptions, type FoundSweep, type SweepReference } from './find-sweep.ts';
export { diffSweeps } from './diff-sweeps.ts';
export { pullResults, type PulledResults, type PullEvent, type PullKind, type PullOptions } from './pull/pull-results.ts';
export { verifySweep, type Verification, type VerifyOptions } from './verify-sweep.ts';
export { collapse, type CollapseInput, type CollapseOutput, type MetricTable } from '@ncsweep/collapse';
export { collapseFiles, type CollapsePaths } from './collapse-files.ts';
export { tellStory, type Story, type StoryOptions } from './tell-story.ts';
export { checkStore, collectGarbage, type CheckOptions, type GarbageOptions } from './care-for-store.ts';
export { datasetDigest, listDatasets, pushDataset, type DatasetOptions, type PushOptions } from './datasets.ts';
export { listPlugins, pushPlugin, showPlugin, type PluginPlace, type PushedPlugin } from './plugins/pushed-plugins.ts';
export { buildId, version } from './build-id.ts';
export { thisMachine, type Machine } from './machine.ts';
export type { BackendChoice } from './backends.ts';
export { connectCluster } from './cluster/connect.ts';
export { submitSweep, type SubmitOptions } from './cluster/submit.ts';
export { adoptScience, type Adopted, type AdoptOptions } from './cluster/adopt.ts';
export { retryParked, type Retried, type RetryOptions } from './cluster/retry.ts';
export { sweepLogs, type SweepLog } from './cluster/logs.ts';
export * from './errors.ts';

export type { Sweep } from '@ncsweep/catalog/sweep';
export type { SweepTables } from '@ncsweep/catalog/sweep-tables';
export type { CellRow, MatrixRow, TrialRow, TrialState } from '@ncsweep/protocol/tables';
export type { ClaimVerdict, Outcome, StratumVerdicts, Verdicts } from '@ncsweep/report/aggregate/verdict';
export type { SweepDiff } from '@ncsweep/report/aggregate/sweep-diff';
export type { RunEvent, RunSummary } from '@ncsweep/orchestrator/engine/local/run-event';
