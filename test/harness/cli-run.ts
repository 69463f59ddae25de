/** The command line as a user calls it, in its own process group. */
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface CliEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Called with what was printed so far. */
  readonly onOutput?: (stdout: string, pid: number) => void;
}

export function ncsweep(args: readonly string[], { environment = {}, onOutput }: CliOptions = {}): Promise<CliEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(root, 'cli/main.ts'), ...args], {
      cwd: root,
      detached: true,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data: Buffer) => {
      stdout += data.toString();
      onOutput?.(stdout, child.pid!);
    });
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    child.once('error', reject);
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr }));
  });
}

/** A sweep of two trainings and ten evaluations that takes seconds on wasm. */
const tinyText = `apiVersion: ncsweep.dev/v1alpha1
kind: Sweep
metadata: {name: tiny}
spec:
  dataset: [{name: prototypes, classes: 2, trainPerClass: 16, testPerClass: 4, imageSize: 8}]
  architecture: [{name: mlp, width: 4, depth: 1}]
  training:
    - {name: ST, epochs: 6, batchSize: 8, schedule: cosine}
    - {name: AT, epochs: 6, batchSize: 8, schedule: cosine, attack: {epsilon: 8/255, steps: 1, stepSize: 8/255}}
  seed: [1]
  grids:
    - name: robustness
      epoch: [3, last]
      attack: [{name: fgsm, kind: fgsm}]
      epsilon: [0, 8/255]
  execution: {parallelism: 1, backend: wasm, checkpointEverySeconds: 1}
  report: {claims: none}
`;

export async function writeTinySweep(folder: string, change: (text: string) => string = (text) => text): Promise<string> {
  const file = path.join(folder, 'tiny.yaml');
  await writeFile(file, change(tinyText));
  return file;
}

/** The science columns of a report. */
export const resultsCsv = (outDir: string): Promise<string> => readFile(path.join(outDir, 'results.csv'), 'utf8');
