/** What `make bench` reads from the environment. */
import { homedir } from 'node:os';
import path from 'node:path';
import process from 'node:process';

interface BenchConfig {
  /** Benchmarks to run, comma-separated in BENCH; empty: all. */
  readonly names: readonly string[];
  /** Folder outside the checkout for peers and scratch data. */
  readonly cache: string;
}

export function readBenchConfig(): BenchConfig {
  const { BENCH = '', NCSWEEP_CACHE, XDG_CACHE_HOME = path.join(homedir(), '.cache') } = process.env;
  const cache = path.join(NCSWEEP_CACHE ?? path.join(XDG_CACHE_HOME, 'ncsweep'), 'bench');
  return Object.freeze({ names: BENCH.split(',').filter(Boolean), cache });
}
