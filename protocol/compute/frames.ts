/**
 * Frames of the compute protocol: the length of the header (uint32, little endian), the header (JSON, UTF-8), then the payloads that it
 * announces without a file, one after the other. Pure; link.ts moves the bytes.
 */
import { z } from 'zod';

/** Longest header, bytes. A longer one means that the input is not a frame. */
export const maxHeaderBytes = 64 * 2 ** 20;
/** Largest sum of the payloads of one frame, bytes. More goes by file. */
export const maxPayloadBytes = 256 * 2 ** 20;

const lengthBytes = 4;

/** Thrown for bytes that are not a frame. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** A frame as read: its header is JSON of any shape. */
export interface Frame {
  readonly header: unknown;
  /** Payloads without a file, in the order of the header. */
  readonly payloads: readonly Uint8Array[];
}

/** What of any header says how many bytes follow it. */
const announced = z.object({
  payloads: z.optional(z.array(z.object({ sizeBytes: z.int().min(0), file: z.optional(z.string()) }))),
});

/** @param header must announce `payloads` @returns parts to write one after the other */
export function encodeFrame(header: object, payloads: readonly Uint8Array[] = []): readonly Uint8Array[] {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const head = new Uint8Array(lengthBytes + json.length);
  new DataView(head.buffer).setUint32(0, json.length, true);
  head.set(json, lengthBytes);
  return [head, ...payloads];
}

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  /** Bytes not yet used, in order. */
  #parts: Uint8Array[] = [];
  #available = 0;
  /** The header read last, while its payloads are incomplete. */
  #pending: { readonly header: unknown; readonly sizes: readonly number[] } | undefined;

  /** Whether the stream may end here. */
  get isBetweenFrames(): boolean {
    return this.#available === 0 && this.#pending === undefined;
  }

  /** @returns the frames that these bytes complete @throws FrameError */
  add(bytes: Uint8Array): readonly Frame[] {
    this.#parts.push(bytes);
    this.#available += bytes.length;
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): Frame | undefined {
    this.#pending ??= this.#header();
    if (this.#pending === undefined) return undefined;
    const { header, sizes } = this.#pending;
    if (this.#available < sizes.reduce((a, b) => a + b, 0)) return undefined;
    this.#pending = undefined;
    return { header, payloads: sizes.map((size) => this.#take(size)) };
  }

  #header(): { header: unknown; sizes: readonly number[] } | undefined {
    if (this.#available < lengthBytes) return undefined;
    const first = this.#peek(lengthBytes);
    const length = new DataView(first.buffer, first.byteOffset).getUint32(0, true);
    if (length < 2 || length > maxHeaderBytes)
      throw new FrameError(
        `a frame whose header has ${length} bytes; expected 2 to ${maxHeaderBytes}: is something printed there?`,
      );
    if (this.#available < lengthBytes + length) return undefined;
    this.#take(lengthBytes);
    const header = parseJson(this.#take(length));
    const sizes = sizesIn(header);
    const total = sizes.reduce((a, b) => a + b, 0);
    if (total > maxPayloadBytes)
      throw new FrameError(`a frame with ${total} bytes of payloads; expected at most ${maxPayloadBytes}: send them as files`);
    return { header, sizes };
  }

  /** The next bytes, which stay. */
  #peek(length: number): Uint8Array {
    const bytes = this.#take(length);
    this.#parts.unshift(bytes);
    this.#available += length;
    return bytes;
  }

  #take(length: number): Uint8Array {
    const [first] = this.#parts;
    if (first === undefined || length === 0) return new Uint8Array(length);
    this.#available -= length;
    if (first.length > length) {
      this.#parts[0] = first.subarray(length);
      return first.subarray(0, length);
    }
    const whole = new Uint8Array(length);
    let at = 0;
    while (at < length) {
      const part = this.#parts[0]!;
      const used = part.subarray(0, length - at);
      whole.set(used, at);
      at += used.length;
      if (used.length === part.length) this.#parts.shift();
      else this.#parts[0] = part.subarray(used.length);
    }
    return whole;
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    const start = new TextDecoder('latin1').decode(bytes.subarray(0, 40));
    throw new FrameError(`a header that is not JSON (it begins with ${JSON.stringify(start)})`, { cause });
  }
}

function sizesIn(header: unknown): readonly number[] {
  const found = announced.safeParse(header);
  if (!found.success) throw new FrameError('a header that is not an object, or whose payloads have no size');
  return (found.data.payloads ?? []).filter(({ file }) => file === undefined).map(({ sizeBytes }) => sizeBytes);
}
