import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrame, FrameReader, maxHeaderBytes } from './frames.ts';
import { fromProgram } from './messages.ts';

const joined = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const read = (bytes: Uint8Array) => new FrameReader().add(bytes);

/** Lines of a block such as "0000  9f 00 …  text" of the document. */
const example = readFileSync(new URL('../../docs/compute-protocol.md', import.meta.url), 'utf8');
const hexOf = (block: string): Uint8Array =>
  Uint8Array.from(
    block
      .split('\n')
      .flatMap((line) => [...line.slice(6, 54).matchAll(/[0-9a-f]{2}/g)])
      .map(([byte]) => Number.parseInt(byte, 16)),
  );

describe('frames', () => {
  it('come out as they went in, however the stream is cut', () => {
    const frame = fc.record({ text: fc.string(), payloads: fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 3 }) });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 4 }), fc.array(fc.nat(7), { minLength: 1 }), (frames, cuts) => {
        const sent = frames.map(({ text, payloads }) => ({
          header: { text, payloads: payloads.map(({ length }) => ({ name: 'p', sizeBytes: length })) },
          payloads,
        }));
        const bytes = joined(sent.flatMap(({ header, payloads }) => encodeFrame(header, payloads)));
        const reader = new FrameReader();
        const found = [];
        for (let at = 0, i = 0; at < bytes.length; i += 1) {
          const next = at + 1 + cuts[i % cuts.length]!;
          found.push(...reader.add(bytes.subarray(at, next)));
          at = next;
        }
        expect(found).toEqual(sent);
        expect(reader.isBetweenFrames).toBe(true);
      }),
    );
  });

  it('announce payloads in files without carrying their bytes', () => {
    const payloads = [
      { name: 'a', sizeBytes: 2 },
      { name: 'b', sizeBytes: 1e12, file: 'b.bin' },
    ];
    const [frame] = read(joined(encodeFrame({ payloads }, [Uint8Array.of(1, 2)])));
    expect(frame!.payloads).toEqual([Uint8Array.of(1, 2)]);
  });

  it('end only between two frames', () => {
    const bytes = joined(encodeFrame({ payloads: [{ name: 'a', sizeBytes: 1 }] }, [Uint8Array.of(7)]));
    for (let length = 1; length < bytes.length; length++) {
      const reader = new FrameReader();
      reader.add(bytes.subarray(0, length));
      expect(reader.isBetweenFrames, `${length} bytes`).toBe(false);
    }
  });

  const text = (string: string): Uint8Array => new TextEncoder().encode(string);
  it.each([
    ['text on the wrong pipe', text('Epoch 1: loss 0.3\n'), /header has \d+ bytes.*printed/],
    ['a header that is too long', Uint8Array.of(...[0, 0, 0, 0x7f]), new RegExp(`expected 2 to ${maxHeaderBytes}`)],
    ['an empty header', new Uint8Array(4), /0 bytes/],
    ['a header that is not JSON', joined([Uint8Array.of(3, 0, 0, 0), text('abc')]), /not JSON.*"abc"/],
    ['a header that is not an object', joined([Uint8Array.of(2, 0, 0, 0), text('17')]), /not an object/],
    ['a payload of no size', joined(encodeFrame({ payloads: [{ name: 'a' }] })), /no size/],
    ['more than a frame may carry', joined(encodeFrame({ payloads: [{ name: 'a', sizeBytes: 2 ** 40 }] })), /send them as files/],
  ])('are told from %s', (_, bytes, message) => {
    expect(() => read(bytes)).toThrow(message);
  });

  it('are those of the worked example in docs/compute-protocol.md', () => {
    const [block = ''] = /(?<=```bytes\n).*?(?=```)/s.exec(example) ?? [];
    const header = {
      type: 'call',
      id: 7,
      cellId: 'b2'.repeat(32),
      call: 'commit',
      scalars: { accuracy: 0.5 },
      computeMs: 12,
      payloads: [{ name: 'out.bin', sizeBytes: 3 }],
    };
    const bytes = joined(encodeFrame(header, [Uint8Array.of(1, 2, 255)]));
    expect(Buffer.from(hexOf(block)).toString('hex')).toBe(Buffer.from(bytes).toString('hex'));
    expect(fromProgram.parse(read(hexOf(block))[0]!.header)).toEqual(header);
  });
});
