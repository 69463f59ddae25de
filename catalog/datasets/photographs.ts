/** What datasets of photographs share. */

/** Of ImageNet, by custom. */
export const imageNetNormalisation = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

export const foldersOfPhotographs = 'train/<class>/*.jpg and val/<class>/*.jpg (also .jpeg and .png)';
