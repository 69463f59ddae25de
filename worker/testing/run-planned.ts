/** Runs a planned task in this process: its dataset is decoded as a supervisor does it, and its document written. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { documentOf, type DocumentOptions } from '@ncsweep/catalog/compute/document';
import { asKnownTask } from '@ncsweep/catalog/known-task';
import type { Task } from '@ncsweep/protocol/messages';
import { decodeDataset, type Decoded } from '../data/decode-dataset.ts';
import { dataKey } from '../data/decoded-datasets.ts';
import { runTask } from '../run-task.ts';
import type { TaskIo } from '../task-io.ts';

let parent: string | undefined;
const decoded = new Map<string, Promise<Decoded>>();

function folderOf(key: string): string {
  if (parent === undefined) {
    const made = mkdtempSync(path.join(tmpdir(), 'ncsweep-decoded-'));
    process.on('exit', () => rmSync(made, { recursive: true, force: true }));
    parent = made;
  }
  return path.join(parent, key);
}

/** @throws TaskFailure */
export async function runPlanned(task: Task, io: TaskIo, options: DocumentOptions = {}): Promise<void> {
  const known = asKnownTask(task);
  const { dataset: params, seed } = known.lineage;
  const key = dataKey(params, seed);
  const made = decoded.get(key) ?? decodeDataset({ params, seed, source: undefined, folder: folderOf(key), key });
  decoded.set(key, made);
  await runTask(documentOf(known, await made, options)!, io);
}
