/** Fields that several architectures share. */
import { z } from 'zod';

/** Number of channels or units. */
export const width = (standard: number) => z.int().min(1).max(4096).default(standard);

/** Number of layers. */
export const depth = (standard: number) => z.int().min(1).max(64).default(standard);
