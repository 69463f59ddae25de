/** Fields that several architectures have. */
import { z } from 'zod';

/** Channels or units. */
export const width = (standard: number) => z.int().min(1).max(4096).default(standard);

/** Layers. */
export const depth = (standard: number) => z.int().min(1).max(64).default(standard);
