/**
 * What a view's file may hold: the part of TwiML that this product uses, and the shape that each kind of view must have. From the
 * provider's documentation of <Gather>, <Say>, <Play>, <Pause>, <Redirect> and <Hangup>, and narrower where a wider choice
 * would lose keys or callers.
 */
import { SaxesParser } from 'saxes';

/** What follows a view: digits up to `#`, a single key, the end of the call, or the application. */
export type ViewKind = 'digits' | 'key' | 'closing' | 'handover';

/** Something wrong on a line (from 1) of a view's file. */
export interface Mistake {
  readonly line: number;
  readonly problem: string;
}

interface Verb {
  readonly attributes: Readonly<Record<string, RegExp>>;
  readonly required: readonly string[];
  /** The verbs inside, each followed by a space. */
  readonly children: RegExp;
  readonly text: RegExp;
  /** What may be inside, in words. */
  readonly holds: string;
}

const declaration = '<?xml version="1.0" encoding="UTF-8"?>';

const nothing = /^$/;
const count = /^[1-9]\d?$/;

function placeholder(name: string): RegExp {
  return new RegExp(`^\\{\\{\\s*${name}\\s*\\}\\}$`);
}

const say: Verb = {
  attributes: {
    voice: /^(\{\{\s*voice\s*\}\}|[A-Za-z][\w.-]*)$/,
    language: /^(\{\{\s*language\s*\}\}|[a-z]{2,3}(-\w+)*)$/,
    loop: count,
  },
  required: [],
  children: nothing,
  text: /./,
  holds: 'text',
};

const play: Verb = {
  attributes: { loop: count },
  required: [],
  children: nothing,
  text: /^https:\/\/[^\s{}]+$/,
  holds: 'the https address of a recording',
};

const pause: Verb = {
  attributes: { length: count },
  required: [],
  children: nothing,
  text: nothing,
  holds: 'nothing',
};

const hangup: Verb = { attributes: {}, required: [], children: nothing, text: nothing, holds: 'nothing' };

/**
 * Words stand inside the <Gather>, never before it: keys pressed while a <Say> outside plays are lost. A single key is taken
 * without a finishing key, so that `#` and `*` arrive as digits.
 */
function gather(kind: ViewKind): Verb {
  const finish: Record<string, RegExp> =
    kind === 'key' ? { numDigits: /^1$/, finishOnKey: nothing } : { finishOnKey: /^#$/ };
  const attributes = {
    input: /^dtmf$/,
    action: placeholder('keysUrl'),
    method: /^POST$/,
    timeout: /^(\{\{\s*timeout\s*\}\}|[1-9]\d?)$/,
    ...finish,
  };
  return {
    attributes,
    required: Object.keys(attributes),
    children: /^(Pause )*(Say|Play) ((Say|Play|Pause) )*$/,
    text: nothing,
    holds: '<Say>, <Play> and <Pause>, and something to hear among them',
  };
}

function redirect(kind: ViewKind): Verb {
  const url = kind === 'handover' ? 'applicationUrl' : 'silenceUrl';
  return {
    attributes: { method: /^POST$/ },
    required: ['method'],
    children: nothing,
    text: placeholder(url),
    holds: `{{${url}}}`,
  };
}

const shapes: Readonly<Record<ViewKind, { readonly children: RegExp; readonly holds: string }>> = {
  digits: { children: /^Gather Redirect $/, holds: 'one <Gather>, then one <Redirect>, and nothing else' },
  key: { children: /^Gather Redirect $/, holds: 'one <Gather>, then one <Redirect>, and nothing else' },
  closing: {
    children: /^(Pause )*(Say|Play) ((Say|Play|Pause) )*Hangup $/,
    holds: '<Say>, <Play> and <Pause>, something to hear among them, and <Hangup/> at the end',
  },
  handover: {
    children: /^((Say|Play|Pause) )*Redirect $/,
    holds: '<Say>, <Play> and <Pause>, and one <Redirect> at the end',
  },
};

/** The verbs that a view of this kind may use. */
function verbsOf(kind: ViewKind): ReadonlyMap<string, Verb> {
  const response: Verb = { attributes: {}, required: [], text: nothing, ...shapes[kind] };
  const asking = kind === 'digits' || kind === 'key';
  return new Map<string, Verb>([
    ['Response', response],
    ['Say', say],
    ['Play', play],
    ['Pause', pause],
    ...(asking ? [['Gather', gather(kind)] as const] : []),
    ...(kind === 'closing' ? [['Hangup', hangup] as const] : [['Redirect', redirect(kind)] as const]),
  ]);
}

/** An element as it stands in a file. */
export interface Element {
  readonly name: string;
  readonly line: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

/** Reads XML. `root` is null, and the mistakes say why, unless it is well-formed and made of elements, text and comments only. */
export function readXml(xml: string): {
  readonly root: Element | null;
  readonly mistakes: readonly Mistake[];
} {
  const mistakes: Mistake[] = [];
  const open: Element[] = [];
  let root: Element | null = null;
  let startLine = 1;

  const parser = new SaxesParser();
  const refuse = (problem: string) => mistakes.push({ line: parser.line, problem });
  parser.on('error', (error) => {
    refuse(`not well-formed XML: ${error.message.replace(/^.*?\d+:\d+: /, '')}`);
  });
  parser.on('doctype', () => refuse('a document type is not allowed; remove it'));
  parser.on('processinginstruction', () => refuse('a processing instruction is not allowed; remove it'));
  parser.on('cdata', () => refuse('CDATA is not allowed; write &amp; and &lt; instead'));
  parser.on('comment', (comment) => {
    if (comment.includes('{{')) refuse('a comment can hold no {{name}}; remove it');
  });
  parser.on('opentagstart', () => {
    startLine = parser.line;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element: Element = { name, line: startLine, attributes, children: [], text: '' };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('closetag', () => open.pop());
  parser.on('text', (text) => {
    const element = open.at(-1);
    if (element) element.text += text;
  });
  parser.write(xml).close();
  return { root: mistakes.length > 0 ? null : root, mistakes };
}

/** What is wrong with a view's file as TwiML; empty when the provider can play it and the call goes on as it must. */
export function twimlMistakes(xml: string, kind: ViewKind): readonly Mistake[] {
  if (!xml.startsWith(declaration)) return [{ line: 1, problem: `must begin with ${declaration}` }];
  const { root, mistakes } = readXml(xml);
  if (!root) return mistakes;
  if (root.name !== 'Response') {
    const problem = `<${root.name}> can't be the outermost element; it must be <Response>`;
    return [{ line: root.line, problem }];
  }
  return elementMistakes(root, verbsOf(kind));
}

function elementMistakes(element: Element, verbs: ReadonlyMap<string, Verb>): Mistake[] {
  const { name, line, attributes, children } = element;
  const verb = verbs.get(name);
  if (!verb) {
    return [{ line, problem: `<${name}> is not a verb that this view can use; use ${listed(verbs.keys())}` }];
  }

  const problems: string[] = [];
  for (const [attribute, value] of Object.entries(attributes)) {
    const allowed = Object.hasOwn(verb.attributes, attribute) ? verb.attributes[attribute] : undefined;
    if (!allowed) problems.push(`<${name}> can't have the attribute ${attribute} here; remove it`);
    else if (!allowed.test(value)) {
      problems.push(`${attribute}="${value}" is not possible in <${name}>; ${hints[attribute]}`);
    }
  }
  for (const attribute of verb.required) {
    if (!Object.hasOwn(attributes, attribute)) {
      problems.push(`<${name}> lacks the attribute ${attribute}; ${hints[attribute]}`);
    }
  }
  const inside = children.map((child) => `${child.name} `).join('');
  if (!verb.children.test(inside) || !verb.text.test(element.text.trim())) {
    problems.push(`<${name}> must hold ${verb.holds}`);
  }
  return [
    ...problems.map((problem) => ({ line, problem })),
    ...children.flatMap((child) => elementMistakes(child, verbs)),
  ];
}

const hints: Readonly<Record<string, string>> = {
  input: 'write input="dtmf", because a PIN is keyed and never spoken',
  action: 'write action="{{keysUrl}}"',
  method: 'write method="POST"',
  timeout: 'write timeout="{{timeout}}", or seconds from 1 to 99',
  numDigits: 'write numDigits="1"',
  finishOnKey: 'write finishOnKey="#" where digits are asked for, finishOnKey="" where one key is',
  voice: 'write voice="{{voice}}", or the name of one of the provider’s voices',
  language: 'write language="{{language}}", or a tag such as en-US',
  loop: 'write a number from 1 to 99',
  length: 'write seconds from 1 to 99',
};

function listed(names: Iterable<string>): string {
  return [...names].map((name) => `<${name}>`).join(', ');
}
