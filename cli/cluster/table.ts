/** Sweeps as text for people. Pure. */
import type { SweepResource } from '@ncsweep/orchestrator/cluster/decide/sweep-resource';

function age(from: string | undefined, nowMs: number): string {
  if (from === undefined) return '';
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(from)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)}h` : `${Math.round(seconds / 86_400)}d`;
}

/** Aligns a table in columns. */
export function textRows(table: readonly (readonly string[])[]): string {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const padded = table.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)));
  return padded.map((row) => `${row.join('   ').trimEnd()}\n`).join('');
}

/** The columns of `kubectl get sweeps`. @param withNamespace as with -A */
export function sweepTable(sweeps: readonly SweepResource[], withNamespace: boolean, nowMs: number): string {
  const head = [...(withNamespace ? ['NAMESPACE'] : []), 'NAME', 'PHASE', 'TRIALS', 'FAILED', 'CACHED', 'ETA', 'AGE'];
  const body = sweeps.map(({ metadata, status = {} }) => [
    ...(withNamespace ? [metadata.namespace] : []),
    ...[metadata.name, status.phase ?? 'Pending', status.trials ?? ''],
    ...[String(status.counters?.parked ?? ''), String(status.counters?.cached ?? '')],
    ...[status.eta?.text ?? '', age(metadata.creationTimestamp, nowMs)],
  ]);
  return textRows([head, ...body]);
}

/** One line of progress: equal states give equal lines. */
export function statusLine({ metadata, status = {} }: SweepResource): string {
  const { counters: c, phase = 'Pending', trials = '', reason = '', eta } = status;
  const cells = c === undefined ? '' : `${c.running} running · ${c.done} of ${c.cells} cells done · ${c.parked} parked`;
  return [metadata.name, phase, reason, trials && `${trials} trials`, cells, eta?.text && `ETA ${eta.text}`]
    .filter(Boolean)
    .join('   ');
}

/** The full status of one sweep. */
export function statusText(resource: SweepResource): string {
  const { status = {} } = resource;
  const conditions = (status.conditions ?? []).map(({ type, status: truth, reason, message }) => [
    `  ${type}`,
    truth,
    reason,
    message.replaceAll('\n', '\n      '),
  ]);
  const pools = (status.pools ?? []).map(
    (pool) => `  ${pool.class}: ${pool.workers} of ${pool.wanted} workers at work, ${pool.waves} waves\n`,
  );
  const failures = (status.failures ?? []).map((each) => `  ${each.cellId.slice(0, 12)}  ${each.class}: ${each.message}\n`);
  return [
    `${statusLine(resource)}\n`,
    status.backend === undefined ? '' : `backend ${status.backend}, results in ${status.store ?? '?'}\n`,
    status.report?.url === undefined ? '' : `report ${status.report.url}\n`,
    pools.length === 0 ? '' : `pools\n${pools.join('')}`,
    conditions.length === 0 ? '' : `conditions\n${textRows(conditions)}`,
    failures.length === 0 ? '' : `failures\n${failures.join('')}`,
  ].join('');
}
