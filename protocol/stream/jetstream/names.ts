/** Names of everything an install keeps in NATS (docs/contracts.md "Streams"). Each starts with the install id, so installs can share a server. */
export interface StreamNames {
  /** Work queue: one message per task. */
  readonly work: string;
  /** Live records of attempts: a view, never the truth. */
  readonly records: string;
  readonly events: string;
  /** KV bucket: task id → the worker that has it. */
  readonly holds: string;
  /** KV bucket: pool → what its workers should do. */
  readonly control: string;
  taskSubject(sweep: string, taskClass: string, taskId: string): string;
  recordSubject(sweep: string, taskId: string, attemptId: string): string;
  eventSubject(sweep: string, kind: string): string;
  /** Durable pull consumer of a pool. */
  consumer(sweep: string, taskClass: string): string;
  /** Prefix of the subjects on which replies arrive; neither user can read the other's. */
  readonly inbox: (of: 'orchestrator' | 'worker') => string;
  /** Key of a pool in the control bucket. */
  pool(sweep: string, taskClass: string): string;
}

/** @param install letters, digits and "-" */
export function streamNames(install: string): StreamNames {
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,30}$/.test(install)) throw new TypeError(`not an install id: ${JSON.stringify(install)}`);
  return {
    work: `${install}_WORK`,
    records: `${install}_REC`,
    events: `${install}_EVT`,
    holds: `${install}_claims`,
    control: `${install}_ctl`,
    taskSubject: (sweep, taskClass, taskId) => `${install}.work.${sweep}.${taskClass}.${taskId}`,
    recordSubject: (sweep, taskId, attemptId) => `${install}.rec.${sweep}.${taskId}.${attemptId}`,
    eventSubject: (sweep, kind) => `${install}.evt.${sweep}.${kind}`,
    consumer: (sweep, taskClass) => `${sweep}-${taskClass}`,
    inbox: (of) => `_INBOX.${install}.${of}`,
    pool: (sweep, taskClass) => `${sweep}.${taskClass}`,
  };
}

/** The stream behind a KV bucket. */
export const streamOf = (bucket: string): string => `KV_${bucket}`;
