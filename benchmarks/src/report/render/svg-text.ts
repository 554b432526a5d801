/** The average width of a letter, at most, relative to the font size; fonts differ between systems. */
const regular = 0.56
const bold = 0.66

/** The font sizes of the stylesheet, the height of a line, and of the part of it above the baseline. */
const styles = {
  title: { size: 18, height: 24, foot: 16, letter: bold },
  heading: { size: 14, height: 22, foot: 16, letter: bold },
  subtitle: { size: 13, height: 19, foot: 14, letter: regular },
  source: { size: 12, height: 17, foot: 12, letter: regular },
}

/** A text in as many lines as it needs at this width, in pixels; none if it is empty. */
export function lines(
  text: string,
  style: keyof typeof styles,
  width: number,
): { markup: string; height: number } {
  const { size, height, foot, letter } = styles[style]
  const broken = textLines(text, Math.floor(width / (letter * size)))
  const markup = broken.map(
    (line, index) =>
      `<text class="${style}" y="${index * height + foot}">${escapeXml(line)}</text>`,
  )
  return { markup: markup.join('\n'), height: broken.length * height }
}

/** Breaks a text between words, because SVG does not. */
function textLines(text: string, length: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ').filter((part) => part !== '')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > length) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

export function escapeXml(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? character)
}
