/**
 * The metric lines of a sweep's results in a few large Parquet files, `v1/sweeps/<uid>/tables/`. Each report adds what is new, so
 * that the next one reads only what has come since. Parts are immutable and named by their content; the index names those that
 * count. All of it is a copy: if a part is damaged or gone, or a result was made again, the results themselves are read.
 */
import { sha256 } from '@ncsweep/protocol/canonical';
import { decodeJson, encodeJson } from '@ncsweep/protocol/json-bytes';
import { keys } from '@ncsweep/protocol/keys';
import type { CellResult } from '@ncsweep/protocol/result';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import type { MetricLine } from '@ncsweep/protocol/tables';
import { parquetReadObjects } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { z } from 'zod';
import { metricLine, readMetricLines } from './metric-lines.ts';
import type { Stored } from '../store/stored-json.ts';

const tableIndex = z.object({
  v: z.literal(1),
  parts: z.array(z.object({ name: z.string(), sha256: z.string(), cells: z.int(), lines: z.int() })),
});
type TableIndex = z.infer<typeof tableIndex>;

const tableLine = metricLine.extend({ cellId: z.string(), resultSha256: z.string() });
type TableLine = z.infer<typeof tableLine>;

const texts = ['cellId', 'resultSha256', 'layer', 'pooling', 'labels', 'metric'] as const;

/** Cells per part, so that no part is too large to hold in memory beside everything else. */
const cellsPerPart = 1000;

/** Names of the parts that count; empty if there are none, or the index does not decode. */
export async function readTableIndex(store: ObjectStore, uid: string): Promise<TableIndex> {
  const none: TableIndex = { v: 1, parts: [] };
  const key = keys.table(uid, 'index.json');
  const bytes = await store.get(key);
  if (bytes === undefined) return none;
  try {
    return decodeJson(tableIndex, bytes, key);
  } catch {
    return none;
  }
}

function encodePart(lines: readonly TableLine[]): Uint8Array {
  const column = <T extends string>(name: keyof TableLine, type: T) => ({
    name,
    type,
    data: lines.map((line) => line[name]),
    nullable: false,
  });
  const numbers = [column('row', 'INT32'), column('col', 'INT32'), column('value', 'DOUBLE')];
  return new Uint8Array(parquetWriteBuffer({ columnData: [...texts.map((name) => column(name, 'STRING')), ...numbers] }));
}

/** @returns undefined for a part that is gone or is not what was written */
async function readPart(
  store: ObjectStore,
  key: string,
  digest: string,
  signal: AbortSignal | undefined,
): Promise<readonly TableLine[] | undefined> {
  const bytes = await store.get(key, signal);
  if (bytes === undefined || sha256(bytes) !== digest) return undefined;
  return z.array(tableLine).parse(await parquetReadObjects({ file: new Uint8Array(bytes).buffer }));
}

export class LineTables {
  readonly #store: ObjectStore;
  readonly #uid: string;
  #parts: TableIndex['parts'];
  /** Lines by digest of the result. */
  readonly #known: ReadonlyMap<string, readonly MetricLine[]>;
  readonly #fresh: { readonly cellId: string; readonly resultSha256: string; readonly lines: readonly MetricLine[] }[] = [];

  private constructor(store: ObjectStore, uid: string, parts: TableIndex['parts'], known: ReadonlyMap<string, MetricLine[]>) {
    this.#store = store;
    this.#uid = uid;
    this.#parts = parts;
    this.#known = known;
  }

  /** Reads the existing tables of a sweep; there need not be any. */
  static async open(store: ObjectStore, uid: string, signal?: AbortSignal): Promise<LineTables> {
    const sound: TableIndex['parts'] = [];
    const known = new Map<string, MetricLine[]>();
    for (const part of (await readTableIndex(store, uid)).parts) {
      const lines = await readPart(store, keys.table(uid, part.name), part.sha256, signal);
      if (lines === undefined) continue;
      sound.push(part);
      for (const [digest, own] of Map.groupBy(lines, ({ resultSha256 }) => resultSha256)) known.set(digest, own);
    }
    return new LineTables(store, uid, sound, known);
  }

  /** The lines of a done evaluate cell. @throws CorruptObjectError naming the key and what to do */
  async lines({ value, sha256: resultSha256 }: Stored<CellResult>, signal?: AbortSignal): Promise<readonly MetricLine[]> {
    const known = this.#known.get(resultSha256);
    if (known !== undefined) return known;
    const lines = await readMetricLines(this.#store, value, signal);
    this.#fresh.push({ cellId: value.cellId, resultSha256, lines });
    return lines;
  }

  /** Adds what was read from results to the tables. Parts go first, so that the index names only what exists. */
  async save(): Promise<void> {
    if (this.#fresh.length === 0) return;
    const cells = this.#fresh.splice(0).sort((a, b) => (a.cellId < b.cellId ? -1 : 1));
    for (let from = 0; from < cells.length; from += cellsPerPart) {
      const batch = cells.slice(from, from + cellsPerPart);
      const lines = batch.flatMap(({ cellId, resultSha256, lines: own }) =>
        own.map((line) => ({ ...line, cellId, resultSha256 })),
      );
      const bytes = encodePart(lines);
      const digest = sha256(bytes);
      const name = `lines-${digest.slice(0, 16)}.parquet`;
      await this.#store.put(keys.table(this.#uid, name), bytes);
      this.#parts = [...this.#parts, { name, sha256: digest, cells: batch.length, lines: lines.length }];
    }
    await this.#store.put(keys.table(this.#uid, 'index.json'), encodeJson({ v: 1, parts: this.#parts }));
  }
}
