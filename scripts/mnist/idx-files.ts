/** The digits of the package `mnist` as IDX files of bytes (LeCun, Cortes & Burges). */
import { z } from 'zod';

const side = 28;
const pixels = side * side;
/** Of each class; the rest, 163 to 427 a class, are test images. */
const trainPerClass = 700;
/** The package rounds a byte over 255 to three decimals, so times 255 it is at most this far from that byte. */
const roundedBy = 0.0005 * 255 + 1e-9;

const document = z.object({ data: z.array(z.number().min(0).max(1)) });

/** @returns the images of one digit, row by row: bytes [N·28·28] @throws where the content is no list of such images */
export function readDigits(content: unknown, digit: number): Uint8Array {
  const { data } = document.parse(content);
  const bytes = Uint8Array.from(data, (value) => Math.round(255 * value));
  const wrong = data.findIndex((value, i) => Math.abs(255 * value - bytes[i]!) > roundedBy);
  if (data.length === 0 || data.length % pixels !== 0 || wrong !== -1) {
    const found = wrong === -1 ? `${data.length} values` : `the value ${data[wrong]}, which is no byte over 255`;
    throw new Error(
      `package mnist, digit ${digit}: found ${found}, expected images of ${side}×${side}: npm ci installs the version that holds them`,
    );
  }
  return bytes;
}

interface Digit {
  readonly digit: number;
  readonly image: Uint8Array;
}

/** Image by image in turn, so that files begin with one of each class. */
function inTurn(images: readonly (readonly Uint8Array[])[]): readonly Digit[] {
  const longest = Math.max(...images.map((each) => each.length));
  return Array.from({ length: longest }, (_, i) =>
    images.flatMap((each, digit): Digit[] => (each[i] === undefined ? [] : [{ digit, image: each[i] }])),
  ).flat();
}

/** An IDX file: magic and dimensions, big-endian, then bytes. */
function idxFile(dimensions: readonly number[], body: Uint8Array): Uint8Array {
  const header = 4 + 4 * dimensions.length;
  const bytes = new Uint8Array(header + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x0800 + dimensions.length);
  dimensions.forEach((count, i) => {
    view.setUint32(4 + 4 * i, count);
  });
  bytes.set(body, header);
  return bytes;
}

function splitFiles(prefix: string, digits: readonly Digit[]): Readonly<Record<string, Uint8Array>> {
  const images = new Uint8Array(digits.length * pixels);
  digits.forEach(({ image }, i) => {
    images.set(image, i * pixels);
  });
  return {
    [`${prefix}-images-idx3-ubyte`]: idxFile([digits.length, side, side], images),
    [`${prefix}-labels-idx1-ubyte`]: idxFile(
      [digits.length],
      Uint8Array.from(digits, ({ digit }) => digit),
    ),
  };
}

/** @param byClass images of each digit, as readDigits returns them @returns the four files of MNIST by name */
export function idxFiles(byClass: readonly Uint8Array[]): Readonly<Record<string, Uint8Array>> {
  const images = byClass.map((bytes) =>
    Array.from({ length: bytes.length / pixels }, (_, i) => bytes.subarray(i * pixels, (i + 1) * pixels)),
  );
  return {
    ...splitFiles('train', inTurn(images.map((each) => each.slice(0, trainPerClass)))),
    ...splitFiles('t10k', inTurn(images.map((each) => each.slice(trainPerClass)))),
  };
}
