/** What the orchestrator logs: one JSON object per line, whose `event` never changes and whose `message` is for people. */

/** Every line that can be logged. A name is never reused for something else, since alerts and searches rely on it. */
export const logEvents = {
  LeaderElected: { level: 'info', message: 'became the leader' },
  LeaseLost: { level: 'error', message: 'lost the lease; another replica takes over' },
  Stopped: { level: 'info', message: 'stopped' },
  Crashed: { level: 'error', message: 'the orchestrator cannot continue' },
  ApiServerTrouble: { level: 'warn', message: 'a watch or the lease failed and is retried' },
  SweepPhaseChanged: { level: 'info', message: 'a Sweep has another phase' },
  WorkersCannotWork: { level: 'warn', message: 'the workers of a Sweep cannot work' },
  AttemptFailed: { level: 'warn', message: 'an attempt ended without a result' },
  TasksLent: { level: 'info', message: 'tasks were lent: the workers of their sweep do not work' },
  PassFailed: { level: 'error', message: 'a pass over a Sweep failed and is retried' },
  StoreAnswers: { level: 'info', message: 'a store can be used' },
  StoreUnavailable: { level: 'warn', message: 'a store cannot be used' },
  MetricsCertificateKept: { level: 'warn', message: 'a renewed certificate for /metrics cannot be used' },
  EventsLost: { level: 'warn', message: 'events from NATS were lost; the next passes read the store instead' },
} as const satisfies Readonly<Record<string, { readonly level: 'info' | 'warn' | 'error'; readonly message: string }>>;

export type LogEvent = keyof typeof logEvents;

/** What a line says besides its event. `sweep` is "namespace/name", `why` the reason in words. */
export type LogFacts = Readonly<Record<string, unknown>> & {
  readonly sweep?: string;
  readonly uid?: string;
  readonly why?: string;
};

export type Log = (event: LogEvent, facts?: LogFacts) => void;

/** A line of the log, without its line break. @param nowMs Unix time in ms */
export function logLine(nowMs: number, event: LogEvent, facts: LogFacts = {}): string {
  const { level, message } = logEvents[event];
  return JSON.stringify({ time: new Date(nowMs).toISOString(), level, event, message, ...facts });
}
