/** Tries a part of a plug-in in TypeScript on a small network. */
import * as tf from '@tensorflow/tfjs-core';
import type { PluginArchive } from '@ncsweep/catalog/plugins/archive';
import type { PluginPart } from '@ncsweep/catalog/plugins/manifest';
import { attackChecks, attackOutput } from './check-attack.ts';
import { lossChecks, lossOutput } from './check-loss.ts';
import { PluginError } from './plugin-error.ts';
import { importPlugins, type PluginFunction } from './plugin-functions.ts';
import type { Check } from './sample.ts';

/** The archive of one part. */
export type TriedPart = PluginArchive & { readonly identity: string };

/** What was found; undefined: all is well. */
export interface Row {
  readonly part: string;
  readonly check: string;
  readonly problem: string | undefined;
}

export interface Tried {
  readonly rows: readonly Row[];
  /** Numbers to be compared with those of another language; undefined where the part failed. */
  readonly output: readonly number[] | undefined;
}

const nameOf = ({ manifest }: TriedPart): string => `${manifest.plugin}/${manifest.parts[0]!.name}`;

/** @throws whatever is no fault of the plug-in */
function problemOf(run: Check[1]): string | undefined {
  try {
    return tf.tidy(() => ({ found: run() })).found;
  } catch (error) {
    if (error instanceof PluginError) return error.message;
    throw error;
  }
}

function checksOf(part: string, run: PluginFunction, declared: PluginPart): readonly Check[] {
  if (declared.kind === 'attack') return attackChecks(part, run, declared);
  return declared.kind === 'loss' ? lossChecks(part, run, declared) : [];
}

function outputOf(part: string, run: PluginFunction, declared: PluginPart): readonly number[] | undefined {
  if (declared.kind === 'attack') return attackOutput(part, run, declared);
  return declared.kind === 'loss' ? lossOutput(part, run, declared) : undefined;
}

async function functionOf(tried: TriedPart, { kind }: PluginPart): Promise<PluginFunction | PluginError> {
  try {
    const functions = await importPlugins([tried]);
    return functions.get({ kind: kind as 'attack' | 'loss', part: nameOf(tried), identity: tried.identity });
  } catch (error) {
    if (error instanceof PluginError) return error;
    throw error;
  }
}

/** @param tried has code in TypeScript */
export async function checkPart(tried: TriedPart): Promise<Tried> {
  const declared = tried.manifest.parts[0]!;
  const part = nameOf(tried);
  const imported = 'its code can be imported';
  const run = await functionOf(tried, declared);
  if (run instanceof PluginError) return { rows: [{ part, check: imported, problem: run.message }], output: undefined };
  const checked = checksOf(part, run, declared).map(([check, of]) => ({ part, check, problem: problemOf(of) }));
  const rows = [{ part, check: imported, problem: undefined }, ...checked];
  const isWell = rows.every(({ problem }) => problem === undefined);
  return { rows, output: isWell ? outputOf(part, run, declared) : undefined };
}
