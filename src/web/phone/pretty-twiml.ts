/**
 * TwiML as people read it: an element a line, long ones an attribute a line.
 */
import { elementsOf, parseTwiml, type TwimlElement, TwimlError } from '../../phone/twiml.ts';

const longestTag = 72;

/** Lays a document out. One that isn't TwiML stays as it is. */
export function prettyTwiml(xml: string): string {
  try {
    return `${layOut(parseTwiml(xml), '')}\n`;
  } catch (error) {
    if (error instanceof TwimlError) return xml;
    throw error;
  }
}

function layOut(element: TwimlElement, indent: string): string {
  const { name, children } = element;
  const isEmpty = children.every((child) => typeof child === 'string' && child.trim() === '');
  if (isEmpty) return `${indent}${tagOf(element, indent, '/>')}`;
  const start = indent + tagOf(element, indent, '>');
  const hasText = children.some((child) => typeof child === 'string' && child.trim() !== '');
  if (hasText) return `${start}${children.map(inline).join('').trim()}</${name}>`;
  const lines = elementsOf(element).map((child) => layOut(child, `${indent}  `));
  return [start, ...lines, `${indent}</${name}>`].join('\n');
}

/** Speech mark-up stands within its sentence. */
function inline(child: TwimlElement | string): string {
  if (typeof child === 'string') return escapeXml(child.replace(/\s+/g, ' '));
  if (child.children.length === 0) return tagOf(child, '', '/>');
  return `${tagOf(child, '', '>')}${child.children.map(inline).join('')}</${child.name}>`;
}

function tagOf({ name, attributes }: TwimlElement, indent: string, end: string): string {
  const pairs = Object.entries(attributes).map(([key, value]) => `${key}="${escapeXml(value)}"`);
  const short = `<${[name, ...pairs].join(' ')}${end}`;
  if (indent.length + short.length <= longestTag || pairs.length < 2) return short;
  const between = `\n${indent}    `;
  return `<${name}${pairs.map((pair) => between + pair).join('')}${end}`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
