/** The layout of a store (docs/contracts.md "Keys"); directories and buckets use the same one. No key is a prefix of another. */
const hh = (cellId: string): string => `${cellId.slice(0, 2)}/${cellId}`;

export const keys = {
  store: 'v1/store.json',
  /** Held by the one process that runs sweeps or collects garbage on this store (directory stores). */
  lock: 'v1/lock.json',
  allData: 'v1/data/',
  data: (digest: string): string => `v1/data/${digest}`,
  names: 'v1/names/',
  name: (name: string): string => `v1/names/${name}.json`,
  allPlugins: 'v1/plugins/',
  plugin: (identity: string): string => `v1/plugins/${identity}.json`,
  cells: 'v1/cells/',
  attempts: (cellId: string): string => `v1/cells/${hh(cellId)}/`,
  attempt: (cellId: string, attemptId: string): string => `${keys.attempts(cellId)}${attemptId}/`,
  start: (cellId: string, attemptId: string): string => `${keys.attempt(cellId, attemptId)}start.json`,
  end: (cellId: string, attemptId: string): string => `${keys.attempt(cellId, attemptId)}end.json`,
  artifact: (cellId: string, attemptId: string, name: string): string => `${keys.attempt(cellId, attemptId)}artifacts/${name}`,
  allCheckpoints: 'v1/ckpt/',
  checkpoints: (cellId: string): string => `v1/ckpt/${hh(cellId)}/`,
  checkpoint: (cellId: string, step: number, attemptId: string, part: string): string =>
    `${keys.checkpoints(cellId)}${String(step).padStart(10, '0')}/${attemptId}/${part}`,
  results: 'v1/results/',
  result: (cellId: string): string => `v1/results/${hh(cellId)}.json`,
  failures: 'v1/failures/',
  failure: (cellId: string): string => `v1/failures/${hh(cellId)}.json`,
  conflicts: (cellId: string): string => `v1/conflicts/${hh(cellId)}/`,
  conflict: (cellId: string, attemptId: string): string => `${keys.conflicts(cellId)}${attemptId}.json`,
  sweeps: 'v1/sweeps/',
  /** Everything that belongs to one sweep. */
  sweep: (uid: string): string => `v1/sweeps/${uid}/`,
  roots: (uid: string, generation: number): string => `v1/sweeps/${uid}/roots/${generation}.ndjson`,
  /** A file of the report, by its path in the report's folder. */
  report: (uid: string, file: string): string => `v1/sweeps/${uid}/report/${file}`,
  /** The gathered metric lines of the sweep's results, and their index. */
  table: (uid: string, name: string): string => `v1/sweeps/${uid}/tables/${name}`,
  /** A task too large for a message, named by the sha256 of its bytes. */
  task: (uid: string, digest: string): string => `v1/sweeps/${uid}/tasks/${digest}.json`,
  ledger: (uid: string): string => `v1/sweeps/${uid}/ledger.json`,
} as const;
