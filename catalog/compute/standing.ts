/** The artifact with which examples stand against an attack that has several stages. */
export const standingFile = 'standing.safetensors';
