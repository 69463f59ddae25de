/** "prototypes × vgg11" → "prototypes-vgg11": what every file system and LaTeX take as a name. */
export const fileName = (text: string): string =>
  text
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .toLowerCase();
