/** What datasets of photographs share. */

/** ImageNet's normalisation, as is customary. */
export const imageNetNormalisation = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** 2: pixels are those of libjpeg-turbo and Pillow; version 1 used a decoder that rounded differently (ADR 30). */
export const photographsScience = 2;

/** Extensions of files taken to be images; their actual format is determined by content. */
export const imageExtensions = ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif'];

export const foldersOfPhotographs = 'train/<class>/*.jpg and val/<class>/*.jpg (JPEG, PNG, WebP, GIF, TIFF or AVIF)';
