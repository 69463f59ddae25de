/** Sweeps in real pods, which are disturbed and end with the same science files as on this machine. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { expect, vi } from 'vitest';
import { ncsweep } from './cli-run.ts';
import type { RealCluster } from './real-cluster.ts';

const scienceFiles = ['results.csv', 'matrices.csv', 'report.md', 'tables/accuracy-train.tex'];
const reportReady = 'conditions[?(@.type=="ReportReady")].reason';

/** How long to wait for something, and how often to look. */
export const every = (seconds: number) => ({ timeout: seconds * 1000, interval: 300 });

export class PodSweeps {
  readonly #cluster: RealCluster;
  /** For what runs on this machine. */
  readonly #folder: string;

  constructor(cluster: RealCluster, folder: string) {
    this.#cluster = cluster;
    this.#folder = folder;
  }

  statusOf(name: string, jsonPath: string): Promise<string> {
    return this.#cluster.kubectl('get', 'sweep', name, '-o', `jsonpath={.status.${jsonPath}}`);
  }

  store(): Promise<ObjectStore> {
    return openStore(this.#cluster.storeLocation, 'read');
  }

  /** Applies a sweep, lets `trouble` happen once some cells are done. @returns the science files of the report in the bucket */
  async inPods(name: string, file: string, trouble: () => Promise<void>): Promise<ReadonlyMap<string, string>> {
    await this.#cluster.kubectl('apply', '-f', file);
    await vi.waitFor(async () => expect(Number(await this.statusOf(name, 'counters.done'))).toBeGreaterThan(1), every(120));
    await trouble();
    const ended = async (): Promise<void> => {
      expect(await this.#cluster.kubectl('get', 'sweep', name)).toMatch(/Complete +(\d+)\/\1 +0/);
      expect(await this.statusOf(name, reportReady)).toBe('Written');
    };
    await vi.waitFor(ended, every(240));
    const store = await this.store();
    const at = (await this.statusOf(name, 'report.url')).replace(/^.*\/lab\//, '').replace(/index.html$/, '');
    const files = new Map<string, string>();
    for (const each of scienceFiles) files.set(each, new TextDecoder().decode(await store.get(`${at}${each}`)));
    return files;
  }

  /** @returns the science files of the same sweep, run on this machine */
  async here(file: string, name: string): Promise<ReadonlyMap<string, string>> {
    const out = path.join(this.#folder, `${name}-here`);
    const { exitCode, stderr } = await ncsweep(['run', file, '--store', path.join(this.#folder, 'store'), '--out', out]);
    expect(exitCode, stderr).toBe(0);
    const files = new Map<string, string>();
    for (const each of scienceFiles) files.set(each, await readFile(path.join(out, each), 'utf8'));
    return files;
  }

  /** The names of its running worker pods; there are some. */
  async workers(name: string): Promise<string[]> {
    const selector = `ncsweep.dev/sweep=${name},app.kubernetes.io/name=ncsweep-worker`;
    const found = await this.#cluster.kubectl(
      ...['get', 'pods', '-l', selector, '--field-selector=status.phase=Running', '-o', 'jsonpath={.items[*].metadata.name}'],
    );
    const names = found.split(' ').filter(Boolean);
    expect(names.length).toBeGreaterThan(0);
    return names;
  }
}
