import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ComputeProcess } from './compute-process.ts';

let folder = '';
let compute: ComputeProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-program-'));
});
afterEach(async () => {
  compute?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Starts a program of a few lines of Node, which has `send`. */
async function started(lines: string) {
  const file = path.join(folder, 'program.mjs');
  const send = `import { writeSync } from 'node:fs';
    const send = (header) => {
      const json = Buffer.from(JSON.stringify(header));
      const length = Buffer.alloc(4);
      length.writeUInt32LE(json.length);
      writeSync(4, Buffer.concat([length, json]));
    };
    setInterval(() => undefined, 1000);
  `;
  await writeFile(file, `${send}\n${lines}`);
  compute = new ComputeProcess({
    command: [process.execPath, file],
    backend: 'wasm',
    threads: 1,
    scratch: path.join(folder, 'scratch'),
  });
  return compute.start();
}

const hello = `send({ type: 'hello', protocols: [1], program: 'p', version: '1' });`;
const ready = `send({ type: 'ready', backend: 'wasm', device: 'd', threads: 1, versions: {}, repeats: 'equal', science: { train: 3 } });`;

describe('a compute program', () => {
  it('is greeted, and says what it has', async () => {
    expect(await started(hello + ready)).toMatchObject({ device: 'd', science: { train: 3 }, repeats: 'equal' });
  });

  it.each([
    ['prints on the pipe', `writeSync(4, 'Epoch 1 of 100\\n');`, /a frame whose header has \d+ bytes.*NCSWEEP_COMPUTE/],
    ['sends what is no message', `send({ type: 'greetings' });`, /it sent message: \{"type":"greetings"\}/],
    ['sends a message without its fields', `send({ type: 'hello' });`, /protocols/],
    ['speaks another version', hello.replace('[1]', '[7, 8]'), /p speaks the compute protocol 7, 8; expected 1/],
    ['begins with a task', `${hello} send({ type: 'done' });`, /done before it was ready/],
  ])('that %s is refused, with what it sent', async (_, lines, message) => {
    await expect(started(lines)).rejects.toMatchObject({
      name: 'InvalidInputError',
      message: expect.stringMatching(message) as string,
    });
  });

  it.each([
    ['cannot open its device', `${hello} send({ type: 'unusable', message: 'no such GPU' });`, /no such GPU/],
    ['ends', `console.error('ImportError: torch'); process.exit(3);`, /ended while it started \(3\)\nImportError: torch/],
  ])('that %s makes the device unusable', async (_, lines, message) => {
    await expect(started(lines)).rejects.toMatchObject({
      name: 'DeviceUnusableError',
      message: expect.stringMatching(message) as string,
    });
  });

  it('that does not exist is said to', async () => {
    compute = new ComputeProcess({ command: ['/nowhere/program'], backend: 'wasm', threads: 1, scratch: path.join(folder, 's') });
    await expect(compute.start()).rejects.toThrow(/ENOENT/);
  });
});
