/** What a careful reader would check on a page, as a script that runs inside it. */

export interface Inspection {
  /** Pixels by which the page is wider than the window. */
  readonly overflow: number;
  /** Texts that are cut off by their box or extend beyond their picture. */
  readonly clipped: readonly string[];
  /** Texts whose contrast with their background is below 4.5. */
  readonly faint: readonly string[];
  /** Texts of a picture drawn over one another. */
  readonly touching: readonly string[];
  readonly texts: number;
}

/** Evaluates to an Inspection. */
export const inspectPage = `(() => {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  const known = new Map();
  /** Any CSS colour as [r, g, b, alpha]. */
  const rgba = (css) => {
    if (!known.has(css)) {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = css;
      pen.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
      known.set(css, [r, g, b, a / 255]);
    }
    return known.get(css);
  };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
  const luminance = (c) => {
    const [r, g, b] = c.slice(0, 3).map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const canvasColour = matchMedia('(prefers-color-scheme: dark)').matches ? [0, 0, 0, 1] : [255, 255, 255, 1];
  const backdrop = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) layers.unshift(rgba(getComputedStyle(e).backgroundColor));
    return layers.reduce((below, colour) => over(colour, below), canvasColour);
  };
  const opacity = (element) => {
    let value = 1;
    for (let e = element; e; e = e.parentElement) value *= Number(getComputedStyle(e).opacity);
    return value;
  };
  const inside = (a, b, slack) => a.left >= b.left - slack && a.right <= b.right + slack && a.top >= b.top - slack && a.bottom <= b.bottom + slack;
  const clipped = [];
  const faint = [];
  const touching = [];
  let texts = 0;
  const judge = (text, element, colour, behind) => {
    texts += 1;
    const shown = over([colour[0], colour[1], colour[2], colour[3] * opacity(element)], behind);
    const ratio = contrast(shown, behind);
    if (ratio < 4.5) faint.push(ratio.toFixed(2) + ' ' + text.trim().slice(0, 60));
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || element.closest('svg') || !element.checkVisibility()) continue;
    judge(node.data, element, rgba(getComputedStyle(element).color), backdrop(element));
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    const scrolls = element.closest('.scroll') && !matchMedia('print').matches;
    if (!scrolls && (box.left < -1 || box.right > innerWidth + 1)) clipped.push(node.data.trim().slice(0, 60));
  }
  for (const svg of document.querySelectorAll('svg')) {
    if (!svg.checkVisibility()) continue;
    const frame = svg.getBoundingClientRect();
    const rects = [...svg.querySelectorAll('rect')];
    const boxes = [];
    for (const text of svg.querySelectorAll('text')) {
      if (!text.textContent.trim()) continue;
      const box = text.getBoundingClientRect();
      if (!inside(box, frame, 1)) clipped.push('svg: ' + text.textContent);
      const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
      const under = rects.filter((r) => inside({ left: x, right: x, top: y, bottom: y }, r.getBoundingClientRect(), 0)).at(-1);
      const behind = backdrop(svg.parentElement);
      judge(text.textContent, text, rgba(getComputedStyle(text).fill), under ? over(rgba(getComputedStyle(under).fill), behind) : behind);
      for (const other of boxes) {
        const width = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
        const height = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
        if (width > 1 && height > 3) touching.push(other.text + ' / ' + text.textContent);
      }
      boxes.push({ box, text: text.textContent });
    }
  }
  return { overflow: document.documentElement.scrollWidth - innerWidth, clipped, faint, touching, texts };
})()`;
