/** What the server of the live page tells the page. Both sides load this file, so it imports nothing. */

/** States of a cell, each a byte on the wire. */
export const cellStates = ['waiting', 'running', 'done', 'parked', 'blocked'] as const;
export type CellStateName = (typeof cellStates)[number];
export const stateByte: Readonly<Record<CellStateName, number>> = { waiting: 0, running: 1, done: 2, parked: 3, blocked: 4 };

export const rowAxes = ['dataset', 'architecture', 'training', 'seed', 'epoch'] as const;
export const columnAxes = ['split', 'attack', 'epsilon'] as const;
export type RowAxis = (typeof rowAxes)[number];
export type ColumnAxis = (typeof columnAxes)[number];
export type LayoutAxis = RowAxis | ColumnAxis;

/**
 * The table in which the cells of a sweep stand. A row is a snapshot, a column is an evaluation of it; column 0 is the snapshot's own cell.
 * A value of an axis has one or several names, the plainest first, and is named by its number.
 */
export interface Layout {
  readonly names: Readonly<Record<LayoutAxis, readonly (readonly string[])[]>>;
  /** By row. */
  readonly rows: Readonly<Record<RowAxis, readonly number[]>>;
  /** By column; −1 in column 0. */
  readonly columns: Readonly<Record<ColumnAxis, readonly number[]>>;
}

/** Scalars of results that the page has as columns of numbers. */
export const headlines = ['accuracy', 'loss', 'nc1'] as const;
export type Headline = (typeof headlines)[number];

export type Counts = Readonly<Record<CellStateName, number>>;

/** Where the numbers come from, and how old they are. */
export interface SourceStatus {
  /** `reading`: the store is read for the first time; `live`: a run tells what happens; `watching`: the store is looked at again and again; `settled`: no cell can change. */
  readonly kind: 'reading' | 'live' | 'watching' | 'settled';
  /** Cells looked at so far, while `reading`. */
  readonly read?: number | undefined;
  /** When the source last answered, ms since epoch, by the server's clock. */
  readonly checkedAtMs: number;
  /** Why it does not answer. */
  readonly error?: string | undefined;
}

/** What a worker does, as far as is known. */
export interface WorkerNow {
  readonly worker: string;
  /** Number of the cell; undefined while it has none. */
  readonly cell?: number | undefined;
  readonly sinceMs: number;
  readonly epoch?: number | undefined;
  readonly epochs?: number | undefined;
  readonly values: Readonly<Record<string, number>>;
}

/** Facts about a sweep that may change with every message. */
export interface LiveFacts {
  readonly source: SourceStatus;
  readonly workers: readonly WorkerNow[];
  readonly etaSeconds?: number | undefined;
  /** Records that a worker sent and that did not arrive. */
  readonly recordsLost: number;
}

export interface SweepHead {
  readonly name: string;
  readonly question: string;
  readonly store: string;
  readonly backend: string;
  readonly planDigest: string;
  /** Commands for people, complete but for what only they know. */
  readonly commands: { readonly retry: string; readonly show: string };
  readonly layout: Layout;
  readonly cells: number;
  /** Counts changes of anything on this server. */
  readonly version: number;
  /** Names this server's count. */
  readonly origin: string;
  readonly live: LiveFacts;
}

/** Cells that changed after `from`, as they are at `to`. Applying it twice changes nothing more. */
export interface Changes {
  readonly sweep: string;
  readonly from: number;
  readonly to: number;
  readonly cells: readonly number[];
  readonly states: readonly number[];
  /** By name, in the order of `cells`; null where there is none. */
  readonly values: Readonly<Partial<Record<Headline, readonly (number | null)[]>>>;
  readonly live: LiveFacts;
}

/** A line of the list of sweeps. */
export interface SweepLine {
  readonly name: string;
  /** Undefined, like the counts, until somebody opened it. Another one than the page has: the plan changed, and everything is read anew. */
  readonly planDigest?: string | undefined;
  readonly counts?: Counts | undefined;
}

/** What a worker did with one cell. */
export interface Span {
  readonly worker: string;
  readonly cell: number;
  readonly startMs: number;
  /** Undefined while it runs, or where its end is not known. */
  readonly endMs?: number | undefined;
  readonly computeMs?: number | undefined;
  readonly outcome: 'committed' | 'duplicate' | 'failed' | 'given-back' | 'running' | 'unknown';
  readonly message?: string | undefined;
}

export interface Timeline {
  readonly spans: readonly Span[];
  /** Attempts that are not among the spans, because only the latest are sent. */
  readonly leftOut: number;
}

/** A claim as the judge sees it now. */
export interface ClaimNow {
  readonly set: string;
  readonly number: number;
  readonly title: string;
  readonly stratum: string;
  readonly outcome: 'Supported' | 'Contradicted' | 'Inconclusive' | 'Not measured';
  readonly headline: string;
  /** Models behind the contrast that has the fewest. */
  readonly seeds: number;
  readonly seedsAsked: number;
}

export interface VerdictsNow {
  readonly claims: readonly ClaimNow[];
  /** Cells of the sweep, and those that have a result. */
  readonly done: number;
  readonly cells: number;
  readonly atMs: number;
}
