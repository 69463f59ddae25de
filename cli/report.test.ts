import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { commitAll } from '@ncsweep/orchestrator/testing/fake-results';
import { writeRoots } from '@ncsweep/orchestrator/engine/store/roots';
import { planSweep } from '@ncsweep/orchestrator/planning/plan/plan';
import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import { NotFoundError } from '@ncsweep/protocol/errors';
import { DirectoryStore } from '@ncsweep/protocol/store/directory-store';
import { folderContents } from '@ncsweep/protocol/testing/folder-contents';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import yargs from 'yargs';
import type { CommandTools } from './command-tools.ts';
import { reportCommand } from './report.ts';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'ncsweep-report-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe('ncsweep report', () => {
  const execution = { ...exampleSweep.execution, backend: 'auto' as const };
  const sweep = { ...exampleSweep, execution, seeds: [1], grids: exampleSweep.grids.slice(2) };
  const tools: CommandTools = {
    loadSweep: () => Promise.resolve(sweep),
    resolveBackend: () => Promise.resolve('native-cpu'),
    defaultStore: '',
    nats: { servers: undefined, credentialsFile: undefined, authorityFile: undefined, install: 'ncsweep' },
    program: 'ncsweep',
    commandLine: 'ncsweep report',
    cacheFolder: '',
    environment: {},
  };
  const report = (...args: string[]): Promise<unknown> =>
    Promise.resolve(
      yargs(['report', ...args])
        .exitProcess(false)
        .fail(false)
        .command(reportCommand(tools))
        .parseAsync(),
    );

  it('reads the last run by name or by file, with the backend it ran on', async () => {
    const location = path.join(dir, 'store');
    const store = new DirectoryStore(location);
    const plan = planSweep(sweep, 'wasm', sweep.execution.evaluationBatchSize);
    await writeRoots(plan, store);
    await commitAll(plan, store);
    const print = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const file = path.join(dir, 'sweep.yaml');
    await writeFile(file, '');
    await report('example', '--store', location, '--out', path.join(dir, 'by-name'));
    await report(file, '--store', location, '--out', path.join(dir, 'by-file'));
    print.mockRestore();
    expect(await folderContents(path.join(dir, 'by-file'))).toEqual(await folderContents(path.join(dir, 'by-name')));
    const csv = await readFile(path.join(dir, 'by-name', 'results.csv'), 'utf8');
    expect(csv.match(/,done,/g)).toHaveLength(plan.trials);
  });

  it('says so when the name was never run', async () => {
    await expect(report('nothing', '--store', path.join(dir, 'empty'))).rejects.toThrow(NotFoundError);
  });
});
