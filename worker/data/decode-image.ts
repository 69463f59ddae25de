/**
 * An image file → RGB bytes, by its content, whatever its name. Pixels are those of Pillow's `convert('RGB')`, as torchvision uses it:
 * no colour profile or rotation is applied, transparency is dropped, and only the first frame is read (ADR 30).
 */
import { knownContent, wrongContent } from '@ncsweep/protocol/file-content';
import sharp from 'sharp';
import { BadDataError } from './dataset.ts';

// Images are decoded one by one, in one thread, and none is requested twice.
sharp.cache(false);
sharp.concurrency(1);

export interface Bitmap {
  readonly width: number;
  readonly height: number;
  /** RGB bytes [height,width,3]. */
  readonly data: Uint8Array;
}

const gifEnd = Buffer.from([0x00, 0x3b]);
const pngEnd = Buffer.from([0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82]);

/** Whether the file's end is missing, which the decoder overlooks because it stops once it has every row. */
function isCut(bytes: Buffer, format: string | undefined): boolean {
  if (format === 'png') return !bytes.includes(pngEnd, -4096);
  return format === 'gif' && !bytes.includes(gifEnd, -gifEnd.length);
}

/** @throws BadDataError for anything but a complete image */
export async function decodeImage(bytes: Uint8Array, path: string): Promise<Bitmap> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const wrong = wrongContent(bytes);
  if (wrong) throw new BadDataError(`${path}: ${wrong.found}; expected an image. ${wrong.remedy}`);
  const image = sharp(buffer, { failOn: 'error', ignoreIcc: true, autoOrient: false });
  try {
    const { format } = await image.metadata();
    if (isCut(buffer, format)) throw new Error('its end is missing');
    const { data, info } = await image
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data };
  } catch (cause) {
    const what = knownContent(bytes);
    const found = what === undefined ? `not a complete image (${reason(cause)})` : `${what}, which is not supported`;
    const remedy = what === undefined ? 'Download it again, or remove it' : 'Convert it to PNG, or remove it';
    throw new BadDataError(`${path}: ${found}; expected a JPEG, PNG, WebP, GIF, TIFF or AVIF image. ${remedy}`, { cause });
  }
}

const reason = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause)).replace(/\s+/g, ' ').trim();
