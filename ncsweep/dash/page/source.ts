/** Where the page reads from: the server that sent it, or the file that it was exported into. */
import type { CellStory } from '@ncsweep/orchestrator/engine/story/story';
import type { SweepLine, Timeline, VerdictsNow } from '../state/wire.ts';

export interface PageSource {
  /** Undefined for a page that never changes. */
  readonly events: ((since: string) => EventSource) | undefined;
  lines(): Promise<readonly SweepLine[]>;
  data(sweep: string): Promise<ArrayBuffer>;
  verdicts(sweep: string): Promise<VerdictsNow>;
  timeline(sweep: string): Promise<Timeline>;
  story(sweep: string, cell: number): Promise<CellStory>;
}

/** Thrown when the server answers with a refusal or a trouble; the message is the server's. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function answer(path: string): Promise<Response> {
  const response = await fetch(path);
  if (response.ok) return response;
  const text = await response.text();
  const told = response.headers.get('content-type')?.includes('json') === true ? (JSON.parse(text) as { error?: string }) : {};
  throw new AnswerError(response.status, told.error ?? text.trim());
}

const of = (sweep: string, what: string): string => `/api/sweeps/${encodeURIComponent(sweep)}/${what}`;
const read = async <T>(path: string): Promise<T> => (await (await answer(path)).json()) as T;

export const serverSource: PageSource = {
  events: (since) => new EventSource(`/api/events?since=${encodeURIComponent(since)}`),
  lines: () => read('/api/sweeps'),
  data: async (sweep) => (await answer(of(sweep, 'data'))).arrayBuffer(),
  verdicts: (sweep) => read(of(sweep, 'verdicts')),
  timeline: (sweep) => read(of(sweep, 'timeline')),
  story: (sweep, cell) => read(of(sweep, `cell/${cell}`)),
};
