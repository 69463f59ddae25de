/** A Sweep with the orchestrator as a process and workers whose cells cost nothing, until its report is written. */
import { readFile } from 'node:fs/promises';
import type { SweepStatus } from '@ncsweep/protocol/status';
import { parse } from 'yaml';
import { type ControlPlane, type Orchestrator, sweepsOf } from '../../test/harness/control-plane.ts';
import { PodRunner } from '../../test/harness/pod-runner.ts';
import { type Mark, until } from './contender.ts';

const compute = new URL('../orchestration/no-op-compute.ts', import.meta.url).pathname;
const namespace = 'default';

/** Most memory that a process had, bytes (Linux). */
async function peakMemory(pid: number): Promise<number> {
  const line = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'));
  if (line === null) throw new Error(`/proc/${pid}/status has no VmHWM`);
  return 1024 * Number(line[1]);
}

interface Sweep {
  readonly metadata: { readonly name: string };
}

async function runOne({ api }: ControlPlane, sweep: Sweep, orchestrator: Orchestrator, mark: Mark): Promise<void> {
  const { status, body } = await api.call('POST', sweepsOf(namespace), sweep);
  if (status !== 201) throw new Error(`the Sweep was refused: ${body.message ?? status}`);
  const resource = `${sweepsOf(namespace)}/${sweep.metadata.name}`;
  await until('the report is written', async () => {
    const now = ((await api.call('GET', resource)).body['status'] ?? {}) as SweepStatus;
    const over = now.phase === 'Failed' || now.conditions?.some(({ reason }) => reason === 'RenderFailed');
    if (over) throw new Error(`the Sweep failed: ${JSON.stringify(now)}\n${orchestrator.output().slice(-2000)}`);
    return (
      now.phase === 'Complete' && now.conditions?.some(({ type, status: is }) => type === 'ReportReady' && is === 'True') === true
    );
  });
  mark('done');
  await api.call('DELETE', resource);
  const left = `/apis/batch/v1/namespaces/${namespace}/jobs?limit=1`;
  await until('its Jobs are gone', async () => ((await api.call('GET', left)).body['items'] as unknown[]).length === 0);
}

/** @param text of a sweep file @returns the orchestrator's peak of memory, bytes */
export async function runSweep(plane: ControlPlane, text: string, mark: Mark): Promise<number> {
  const runner = new PodRunner(plane.api, { NCSWEEP_COMPUTE: JSON.stringify([process.execPath, compute]) });
  runner.start();
  const orchestrator = await plane.orchestrator({
    NCSWEEP_INSTALL: 'bench',
    NCSWEEP_STORE: await plane.s3.bucket('bench-bucket'),
  });
  try {
    await runOne(plane, parse(text) as Sweep, orchestrator, mark);
    return await peakMemory(orchestrator.child.pid!);
  } finally {
    await orchestrator.stop();
    await runner.stop();
  }
}
