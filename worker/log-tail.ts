const maxLines = 100;

/** The last lines of a log. */
export class LogTail {
  #lines: string[] = [];

  add(text: string): void {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    this.#lines = [...this.#lines, ...lines].slice(-maxLines);
  }

  text(): string {
    return this.#lines.join('\n');
  }
}
