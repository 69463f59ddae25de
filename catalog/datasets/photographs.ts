/** What datasets of photographs share. */

export const photographs = {
  /** 2: pixels are those of libjpeg-turbo and Pillow; version 1 used a decoder that rounded differently (ADR 30). */
  science: 2,
  side: 'chosen',
  channels: 3,
  perClass: { train: 950, test: 390 },
  /** ImageNet's, as is customary. */
  normalisation: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
} as const;

/** Photographs of which only the files tell the classes and the sizes. */
export const ownPhotographs = { ...photographs, classes: undefined, keepsSize: true } as const;

export const inSquares = 'the centre square, scaled by area averaging';

/** Extensions of files taken to be images; their actual format is determined by content. */
export const imageExtensions = ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif'];

export const foldersOfPhotographs = 'train/<class>/*.jpg and val/<class>/*.jpg (JPEG, PNG, WebP, GIF, TIFF or AVIF)';
