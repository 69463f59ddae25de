/** Labels that examples may have besides their class. Class means may be grouped by them (labels.ts); nothing is trained on them. */
export const sideLabels = ['attribute', 'fine'] as const;

/**
 * - `attribute`: a property that need not go with the class, such as a background or a colour.
 * - `fine`: a class within the class, such as the species of an animal.
 */
export type SideLabel = (typeof sideLabels)[number];
