/** Scalars of a perturbed evaluate cell's result that say whether its attack was one; the report's validity checks read them. */
export const attackScalars = {
  /** Share of examples whose input gradient was exactly zero at some step: the attack is blind there. Gradient attacks only. */
  zeroGradientShare: 'zero_gradient_share',
  /** Largest perturbation of an example in the attack's own norm, in [0,1] pixel units; of gaussian-noise, which has none, in L∞. */
  perturbationMax: 'perturbation_max',
  /** Smallest and largest pixel of the perturbed images. */
  pixelMin: 'pixel_min',
  pixelMax: 'pixel_max',
} as const;
