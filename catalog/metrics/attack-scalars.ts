/** Scalars of a perturbed evaluate cell's result that show whether its attack was valid; the report's validity checks read them. */
export const attackScalars = {
  /** Share of examples whose input gradient was exactly zero at some step, where the attack is blind. Gradient attacks only. */
  zeroGradientShare: 'zero_gradient_share',
  /** Largest perturbation of an example in the attack's own norm, in [0,1] pixel units; in L∞ for gaussian-noise, which has no norm. */
  perturbationMax: 'perturbation_max',
  /** Smallest and largest pixel of the perturbed images. */
  pixelMin: 'pixel_min',
  pixelMax: 'pixel_max',
} as const;
