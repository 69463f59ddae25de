/**
 * The state of the page, and what keeps it current.
 *
 * loading → shown ⇄ lost (the server does not answer: what was known stays, with its time) → shown (it answers again: changes by cursor)
 *         → refused (the server is another one, or was restarted: its terminal has a fresh address)
 */
import { batch, signal } from '@preact/signals-core';
import { cursorText } from '../state/cursor.ts';
import type { Changes, SweepLine } from '../state/wire.ts';
import { ClientSweep } from './client-sweep.ts';
import { route } from './route.ts';
import { AnswerError, type PageSource } from './source.ts';

export type Link =
  | { readonly kind: 'loading' }
  | { readonly kind: 'shown'; readonly heardMs: number }
  | { readonly kind: 'lost'; readonly sinceMs: number }
  | { readonly kind: 'refused'; readonly message: string }
  /** The server said that it is over. */
  | { readonly kind: 'ended'; readonly words: string }
  /** A page that was written to a file. */
  | { readonly kind: 'still' };

/** How often the list of sweeps is asked for. */
const listEveryMs = 5000;
/** Two comments of the server and a little more: without a word for so long, the line is dead even if nobody said so. */
const silenceMs = 35_000;

export class Model {
  readonly link = signal<Link>({ kind: 'loading' });
  readonly lines = signal<readonly SweepLine[] | undefined>(undefined);
  readonly sweep = signal<ClientSweep | undefined>(undefined);
  /** Counts changes of the sweep, whose arrays change in place. */
  readonly tick = signal(0);
  /** Why the sweep cannot be shown. */
  readonly problem = signal<string | undefined>(undefined);
  readonly nowMs = signal(Date.now());
  readonly source: PageSource;
  #events: EventSource | undefined;
  #loading: string | undefined;
  #heardMs = Date.now();

  constructor(source: PageSource) {
    this.source = source;
  }

  /** Has the component that calls it drawn anew when the sweep changes. */
  observe(): number {
    return this.tick.value;
  }

  start(): void {
    route.subscribe(() => void this.#show());
    void this.#list();
    setInterval(() => {
      this.nowMs.value = Date.now();
      if (this.#events !== undefined && Date.now() - this.#heardMs > silenceMs) this.#listen();
    }, 1000);
    if (this.source.events !== undefined)
      setInterval(() => void (this.link.value.kind === 'ended' ? undefined : this.#list()), listEveryMs);
  }

  async #list(): Promise<void> {
    try {
      const lines = await this.source.lines();
      this.lines.value = lines;
      if (this.source.events === undefined) this.link.value = { kind: 'still' };
      else if (this.link.value.kind === 'refused' || this.#events?.readyState === EventSource.CLOSED) this.#listen();
      const shown = this.sweep.value;
      const line = lines.find(({ name }) => name === shown?.head.name);
      // It was planned anew while it was shown.
      if (shown !== undefined && line !== undefined && line.planDigest !== shown.head.planDigest) await this.#load(line.name);
      await this.#show();
    } catch (error) {
      this.#trouble(error);
    }
  }

  /** The sweep of the address, or the first one. */
  async #show(): Promise<void> {
    const name = route.value.sweep ?? this.lines.value?.[0]?.name;
    if (name === undefined || name === this.sweep.value?.head.name || name === this.#loading) return;
    await this.#load(name);
  }

  async #load(name: string): Promise<void> {
    this.#loading = name;
    try {
      const sweep = new ClientSweep(await this.source.data(name));
      if (this.#loading !== name) return;
      batch(() => {
        this.sweep.value = sweep;
        this.problem.value = undefined;
        this.tick.value += 1;
      });
      this.#listen();
    } catch (error) {
      this.problem.value = error instanceof Error ? error.message : String(error);
      this.#trouble(error);
    } finally {
      if (this.#loading === name) this.#loading = undefined;
    }
  }

  #listen(): void {
    const shown = this.sweep.value;
    if (this.source.events === undefined || shown === undefined) return;
    this.#events?.close();
    const events = this.source.events(cursorText(shown.head.origin, shown.version));
    this.#events = events;
    this.#heardMs = Date.now();
    events.addEventListener('open', () => this.#heard());
    events.addEventListener('reset', () => {
      this.#heard();
      void this.#load(shown.head.name);
    });
    events.addEventListener('changes', (event: MessageEvent<string>) => {
      this.#heard();
      this.#take(JSON.parse(event.data) as readonly Changes[]);
    });
    events.addEventListener('ended', (event: MessageEvent<string>) => {
      events.close();
      this.#events = undefined;
      this.link.value = { kind: 'ended', ...(JSON.parse(event.data) as { words: string }) };
    });
    events.addEventListener('error', () => {
      const since = this.link.value.kind === 'lost' ? this.link.value.sinceMs : this.#heardMs;
      this.link.value = { kind: 'lost', sinceMs: since };
    });
  }

  #take(all: readonly Changes[]): void {
    const shown = this.sweep.value;
    if (shown === undefined) return;
    const changes = all.find(({ sweep }) => sweep === shown.head.name);
    if (changes === undefined) {
      // Others changed: that nothing of this one did is known now, up to where the message reaches.
      shown.passOver(Math.min(...all.map(({ to }) => to)));
      return;
    }
    // Another sweep that is being read comes first.
    if (!shown.apply(changes) && this.#loading === undefined) void this.#load(shown.head.name);
    this.tick.value += 1;
  }

  #heard(): void {
    this.#heardMs = Date.now();
    this.link.value = { kind: 'shown', heardMs: this.#heardMs };
  }

  #trouble(error: unknown): void {
    if (error instanceof AnswerError && error.status === 403) this.link.value = { kind: 'refused', message: error.message };
    else if (!(error instanceof AnswerError) && this.link.value.kind !== 'lost')
      this.link.value = { kind: 'lost', sinceMs: this.#heardMs };
  }
}
