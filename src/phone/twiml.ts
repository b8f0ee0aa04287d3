/**
 * TwiML as a small tree: what the provider reads when a webhook is answered.
 */
import { SaxesParser } from 'saxes';

/** One element, with the line (from 1) where its start tag ends. */
export interface TwimlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (TwimlElement | string)[];
  readonly line: number;
}

/** A document that the provider would not play. `code` is the provider's error code. */
export class TwimlError extends Error {
  override readonly name = 'TwimlError';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

interface OpenElement extends TwimlElement {
  readonly children: (TwimlElement | string)[];
}

/**
 * Parses a TwiML document and returns its `Response` element.
 * Throws a `TwimlError`: 12100 when the XML is malformed (the message starts with line and column),
 * 12102 when the root is something else.
 */
export function parseTwiml(xml: string): TwimlElement {
  const document: OpenElement = { name: '', attributes: {}, children: [], line: 1 };
  const open = [document];
  const parser = new SaxesParser();

  const addText = (text: string) => open.at(-1)?.children.push(text);
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('opentag', ({ name, attributes }) => {
    const element: OpenElement = { name, attributes, children: [], line: parser.line };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('closetag', () => {
    open.pop();
  });

  try {
    parser.write(xml).close();
  } catch (error) {
    throw new TwimlError(12100, error instanceof Error ? error.message : String(error));
  }
  const root = elementsOf(document)[0];
  if (root?.name !== 'Response') {
    throw new TwimlError(12102, `the root element is <${root?.name ?? ''}>, not <Response>`);
  }
  return root;
}

/** The elements directly inside `parent`, without the text between them. */
export function elementsOf(parent: TwimlElement): readonly TwimlElement[] {
  return parent.children.filter((child) => typeof child !== 'string');
}

/** All text inside `element`, nested speech mark-up included, with white space collapsed. */
export function textOf(element: TwimlElement): string {
  const text = element.children.map((child) => (typeof child === 'string' ? child : ` ${textOf(child)} `));
  return text.join('').replace(/\s+/g, ' ').trim();
}
