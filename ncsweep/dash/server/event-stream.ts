/**
 * The one stream of a browser: what changed in the sweeps that are open, at most four times a second, and a comment every 15 s so that both
 * ends notice when the other is gone. An event's id says how far the browser has seen; a browser that comes back with it gets what it
 * missed, never the history.
 */
import type { ServerResponse } from 'node:http';
import { cursorText, versionOf } from '../state/cursor.ts';
import type { ChangeClock } from '../state/board.ts';
import type { WatchedSweep } from '../watched-sweep.ts';

export const shortestPauseMs = 250;
export const commentEveryMs = 15_000;
/** A browser that does not read gets no more before it has, so that a sleeping laptop fills no memory. */
const mostBufferedBytes = 4 << 20;

export interface StreamSource {
  readonly origin: string;
  readonly clock: ChangeClock;
  /** The sweeps that somebody opened. */
  readonly ready: Iterable<WatchedSweep>;
}

export class EventStream {
  readonly #response: ServerResponse;
  readonly #source: StreamSource;
  #seen: number;
  #sentAtMs = 0;

  /** @param lastEventId as the browser sent it; one of another start, or none, is answered with `reset`: read everything anew */
  constructor(response: ServerResponse, source: StreamSource, lastEventId: string | undefined) {
    this.#response = response;
    this.#source = source;
    const { clock, origin } = source;
    const seen = versionOf(lastEventId, origin, clock.version);
    this.#seen = seen ?? clock.version;
    response.write('retry: 1000\n\n');
    if (seen === undefined) this.#send('reset', { origin });
  }

  /** @param nowMs of a clock that never goes back */
  tick(nowMs: number): void {
    if (this.#response.writableLength > mostBufferedBytes) return;
    if (nowMs - this.#sentAtMs < shortestPauseMs) return;
    const changed = [...this.#source.ready].filter((sweep) => sweep.last > this.#seen);
    if (changed.length === 0) {
      if (nowMs - this.#sentAtMs >= commentEveryMs) this.#write(': still here\n\n', nowMs);
      return;
    }
    const changes = changed.map((sweep) => sweep.changesSince(this.#seen));
    // Where one message cannot hold everything, the next one goes on from where it ended.
    this.#seen = Math.min(...changes.map(({ to }) => to));
    this.#sentAtMs = nowMs;
    this.#send('changes', changes);
  }

  /** Tells what is still new, then that nothing more will come. Resolves when it is on its way. */
  async end(nowMs: number, words: string): Promise<void> {
    this.#sentAtMs = -Infinity;
    this.tick(nowMs);
    this.#send('ended', { words });
    await new Promise<void>((resolve) => {
      this.#response.end(resolve);
      this.#response.once('close', resolve);
    });
  }

  #send(event: string, data: unknown): void {
    const id = cursorText(this.#source.origin, this.#seen);
    this.#response.write(`event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  #write(text: string, nowMs: number): void {
    this.#response.write(text);
    this.#sentAtMs = nowMs;
  }
}
