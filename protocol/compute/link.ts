/** One end of the pipes between a supervisor and its compute program: frames in order, with payloads in them or in files. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import { encodeFrame, FrameError, FrameReader, type Frame } from './frames.ts';
import { payload, type Payload } from './messages.ts';

export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A payload above this goes by file, bytes. */
const byFileAbove = 8 * 2 ** 20;

const payloadsOf = z.object({ payloads: z.optional(z.array(payload)) });

export interface LinkOptions<In> {
  readonly input: Readable;
  readonly output: Writable;
  /** Distinguishes the files of the two ends. */
  readonly end: 'program' | 'supervisor';
  /** @throws for a header that is not understood */
  readonly decode: (header: unknown) => In;
  /** In the order in which they were sent. */
  readonly onMessage: (message: In, payloads: readonly NamedBytes[]) => void;
  /** Called once: the other end is gone, or sent something that is not a message. Nothing is read after that. */
  readonly onEnd: (trouble: Error | undefined) => void;
}

export class Link<In, Out extends object> {
  readonly #options: LinkOptions<In>;
  readonly #reader = new FrameReader();
  /** Frames are handled, and written, one after the other. */
  #reading = Promise.resolve();
  #writing = Promise.resolve();
  #ended = false;
  #files = 0;
  /** Files that this end wrote and has not removed. */
  readonly #written = new Set<string>();

  /** Folder of payloads in files; known once the supervisor has named it. */
  scratch: string | undefined;

  constructor(options: LinkOptions<In>) {
    this.#options = options;
    const { input, output } = options;
    input.on('data', (bytes: Buffer) => this.#add(bytes));
    input.on('end', () => this.#finish());
    input.on('error', () => this.#finish());
    output.on('error', () => undefined); // the other end is gone, which the input says too
  }

  /** @returns when the bytes have been handed to the operating system */
  send(message: Out, payloads: readonly NamedBytes[] = []): Promise<void> {
    const sent = this.#writing.then(() => this.#write(message, payloads));
    this.#writing = sent.catch(() => undefined);
    return sent;
  }

  /** Removes the files that this end wrote, once nobody reads them any more. */
  async removeFiles(): Promise<void> {
    const files = [...this.#written];
    this.#written.clear();
    await Promise.all(files.map((file) => rm(file, { force: true })));
  }

  async #write(message: Out, payloads: readonly NamedBytes[]): Promise<void> {
    const announced = await Promise.all(payloads.map((each) => this.#announce(each)));
    const inside = payloads.filter((_, i) => announced[i]!.file === undefined).map(({ bytes }) => bytes);
    const header = payloads.length === 0 ? message : { ...message, payloads: announced };
    for (const part of encodeFrame(header, inside)) {
      await new Promise<void>((done) => void this.#options.output.write(part, () => done()));
    }
  }

  async #announce({ name, bytes }: NamedBytes): Promise<Payload> {
    if (bytes.length <= byFileAbove || this.scratch === undefined) return { name, sizeBytes: bytes.length };
    const file = `${this.#options.end}-${(this.#files += 1)}.bin`;
    const path = join(this.scratch, file);
    this.#written.add(path);
    await writeFile(path, bytes);
    return { name, sizeBytes: bytes.length, file };
  }

  #add(bytes: Uint8Array): void {
    if (this.#ended) return;
    try {
      for (const frame of this.#reader.add(bytes)) this.#queue(() => this.#handle(frame));
    } catch (error) {
      const trouble = error instanceof Error ? error : new Error(String(error));
      this.#queue(() => Promise.reject(trouble));
    }
  }

  #finish(): void {
    const whole = this.#reader.isBetweenFrames;
    this.#queue(() => {
      this.#end(whole ? undefined : new FrameError('the stream ended within a frame'));
      return Promise.resolve();
    });
  }

  #queue(step: () => Promise<void>): void {
    this.#reading = this.#reading.then(async () => {
      if (!this.#ended) await step();
    });
    this.#reading = this.#reading.catch((error: unknown) => this.#end(error instanceof Error ? error : new Error(String(error))));
  }

  #end(trouble: Error | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.onEnd(trouble);
  }

  async #handle({ header, payloads }: Frame): Promise<void> {
    const message = this.#options.decode(header);
    const { payloads: announced = [] } = payloadsOf.parse(header);
    const inside = payloads.values();
    const named: NamedBytes[] = [];
    for (const each of announced)
      named.push({
        name: each.name,
        bytes: each.file === undefined ? inside.next().value! : await this.#readFile(each, each.file),
      });
    this.#options.onMessage(message, named);
  }

  async #readFile({ name, sizeBytes }: Payload, file: string): Promise<Uint8Array> {
    if (this.scratch === undefined) throw new FrameError(`payload ${name} in file ${file} before there is a scratch folder`);
    const bytes = await readFile(join(this.scratch, file));
    if (bytes.length !== sizeBytes)
      throw new FrameError(`payload ${name}: file ${file} has ${bytes.length} bytes, its frame says ${sizeBytes}`);
    return bytes;
  }
}
