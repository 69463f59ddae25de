/** What datasets of photographs share. */

/** Of ImageNet, by custom. */
export const imageNetNormalisation = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** 2: pixels are those of libjpeg-turbo and Pillow; version 1 had a decoder of its own rounding (ADR 30). */
export const photographsScience = 2;

/** Of files that are taken for images; what they are their content tells. */
export const imageExtensions = ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif'];

export const foldersOfPhotographs = 'train/<class>/*.jpg and val/<class>/*.jpg (JPEG, PNG, WebP, GIF, TIFF or AVIF)';
