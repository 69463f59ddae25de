/** What passes between orchestrator, workers, NATS and the store, as JSON Schemas for other languages (docs/worker-contract.md). */
import { schemaTexts, type TitledSchemas } from '@ncsweep/protocol/schema-texts';
import { knownTask } from './known-task.ts';
import { record, taskReference } from '@ncsweep/protocol/messages';
import { attemptEnd, attemptStart, cellConflict, cellFailure, cellResult, checkpointManifest } from '@ncsweep/protocol/result';
import { datasetIndex, namedDataset } from '@ncsweep/protocol/store/dataset-records';
import { storeRecord } from '@ncsweep/protocol/store/open-store';
import { hold, poolControl } from '@ncsweep/protocol/stream/jetstream/pool-control';
import { streamEvent } from '@ncsweep/protocol/stream/stream';

const schemas = {
  task: ['A task in the work queue', knownTask],
  'task-reference': ['A reference in the work queue to a task kept in the store', taskReference],
  record: ['A live record of an attempt', record],
  event: ['What a worker reports to the orchestrator', streamEvent],
  claim: ['An entry of the claims bucket: which worker holds a task', hold],
  'pool-control': ['An entry of the control bucket: what the workers of a pool are to do', poolControl],
  store: ['v1/store.json', storeRecord],
  'attempt-start': ['…/start.json of an attempt', attemptStart],
  'attempt-end': ['…/end.json of an attempt', attemptEnd],
  'checkpoint-manifest': ['…/manifest.json of a checkpoint', checkpointManifest],
  result: ['v1/results/…: the commit of a cell', cellResult],
  failure: ['v1/failures/…: a parked cell', cellFailure],
  conflict: ['v1/conflicts/…: a second result with other numbers', cellConflict],
  'dataset-index': ['v1/data/<digest of a dataset>', datasetIndex],
  'dataset-name': ['v1/names/…', namedDataset],
} as const satisfies TitledSchemas;

/** Texts of protocol/schemas/<name>.schema.json by name. */
export const contractSchemas = (): ReadonlyMap<string, string> => schemaTexts(schemas);
