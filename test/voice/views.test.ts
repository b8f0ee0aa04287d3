import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { locales } from '../../src/core/locale.ts';
import { renderView } from '../../src/voice/render.ts';
import { viewSamples } from '../../src/voice/view-samples.ts';
import { loadVoiceViews, ViewError } from '../../src/voice/views.ts';

let override = '';
beforeEach(() => {
  override = mkdtempSync(join(tmpdir(), 'views-'));
});
afterEach(() => {
  rmSync(override, { recursive: true });
});

function write(file: string, text: string): void {
  const path = join(override, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function load() {
  return loadVoiceViews({ folder: 'twiml', overrideFolder: override });
}

/** The problems that stop the start, with the override folder's own path left out. */
function problems(
  folders: Parameters<typeof loadVoiceViews>[0] = { folder: 'twiml', overrideFolder: override },
) {
  try {
    loadVoiceViews(folders);
    return [];
  } catch (error) {
    if (!(error instanceof ViewError)) throw error;
    return error.message.split('\n').map((line) => line.replaceAll(`${override}/`, ''));
  }
}

function rendered(views: ReturnType<typeof load>, code: 'pin' | 'goodbye') {
  const url = 'https://pins.example';
  const urls = { keysUrl: url, silenceUrl: url };
  return renderView(views, { code }, { locale: 'es-ES', ...urls, timeoutSeconds: 10, timeZone: 'UTC' });
}

const head = '<?xml version="1.0" encoding="UTF-8"?>\n<Response>\n';
const say = '<Say voice="{{voice}}" language="{{language}}">{{say.pin}}</Say>';
const gather =
  '<Gather input="dtmf" finishOnKey="#" timeout="{{timeout}}" action="{{keysUrl}}" method="POST">';
const redirect = '<Redirect method="POST">{{silenceUrl}}</Redirect>';

/** The view `pin`, its parts on lines 3, 4, 5 and 6. */
function pin(parts: { gather?: string; say?: string; redirect?: string } = {}) {
  return `${head}${parts.gather ?? gather}\n${parts.say ?? say}\n</Gather>\n${parts.redirect ?? redirect}\n</Response>\n`;
}

describe('the views as shipped', () => {
  it('are one file per view', () => {
    const files = readdirSync('twiml').filter((file) => file.endsWith('.xml'));
    expect(files.sort()).toEqual([...viewSamples.keys()].map((code) => `${code}.xml`).sort());
  });

  it('are one file per language, all with the same keys', () => {
    const { catalogues } = loadVoiceViews({ folder: 'twiml' });
    const english = [...catalogues['en-US'].phrases.keys()];
    for (const locale of locales) expect([...catalogues[locale].phrases.keys()]).toEqual(english);
    expect(readdirSync('twiml/locales').sort()).toEqual(locales.map((locale) => `${locale}.json`).sort());
  });

  it('name every file that is missing from a folder', () => {
    mkdirSync(join(override, 'locales'));
    const found = problems({ folder: override });
    for (const code of viewSamples.keys()) {
      expect(found).toContain(`${code}.xml:1: is missing; every view needs its file`);
    }
    for (const locale of locales) {
      expect(found).toContain(`locales/${locale}.json:1: is missing; every language needs its file`);
    }
    expect(found).toHaveLength(viewSamples.size + locales.length);
  });

  it('name a folder that is missing', () => {
    const folder = join(override, 'nowhere');
    expect(problems({ folder: 'twiml', overrideFolder: folder })).toEqual([
      'nowhere:1: there is no such folder',
    ]);
  });
});

describe('an override folder', () => {
  it('may be empty', () => {
    expect(rendered(load(), 'pin')).toBe(rendered(loadVoiceViews({ folder: 'twiml' }), 'pin'));
  });

  it('replaces a single view, with a recording for example, and leaves its phrase without use', () => {
    write(
      'pin.xml',
      `\uFEFF${pin({ say: '<!-- ours -->\n<Play loop="2">https://cdn.example/pin.mp3</Play><Pause length="1"/>' })}`,
    );
    const views = load();
    expect(rendered(views, 'pin')).toContain('<Play loop="2">https://cdn.example/pin.mp3</Play>');
    expect(rendered(views, 'goodbye')).toContain('Ha salido de su cuenta');
  });

  it('replaces single phrases and the voice of one language', () => {
    write('locales/es-ES.json', '{ "voice": "Polly.Sergio-Neural", "pin": "Su clave, y almohadilla." }');
    const views = load();
    expect(rendered(views, 'pin')).toContain(
      '<Say voice="Polly.Sergio-Neural" language="es-ES">Su clave, y almohadilla.<',
    );
    expect(rendered(views, 'goodbye')).toContain('Ha salido de su cuenta');
  });

  it('may use a phrase of its own in every language', () => {
    write('pin.xml', pin({ say: say.replace('say.pin', 'say.our-pin') }));
    for (const locale of locales) write(`locales/${locale}.json`, '{"our-pin": "PIN"}');
    expect(rendered(load(), 'pin')).toContain('>PIN</Say>');
  });
});

const mistakes: readonly [rule: string, file: string, text: string, ...expected: RegExp[]][] = [
  ['well-formed XML', 'pin.xml', pin({ say: '<Say>{{say.pin}}' }), /^pin\.xml:5: not well-formed XML: /],
  [
    'the XML declaration',
    'pin.xml',
    pin().slice(39),
    /^pin\.xml:1: must begin with <\?xml version="1.0" encoding="UTF-8"\?>$/,
  ],
  [
    '<Response> outside',
    'goodbye.xml',
    '<?xml version="1.0" encoding="UTF-8"?>\n<Hangup/>',
    /^goodbye\.xml:2: <Hangup> can't be the outermost element/,
  ],
  [
    'no document type',
    'pin.xml',
    pin().replace('<Response>', '<!DOCTYPE a>\n<Response>'),
    /^pin\.xml:2: a document type is not allowed/,
  ],
  [
    'no processing instruction',
    'pin.xml',
    pin({ say: `${say}\n<?a b?>` }),
    /^pin\.xml:5: a processing instruction is not allowed/,
  ],
  [
    'no CDATA',
    'pin.xml',
    pin({ say: '<Say><![CDATA[{{say.pin}}]]></Say>' }),
    /^pin\.xml:4: CDATA is not allowed/,
  ],
  [
    'no name in a comment',
    'pin.xml',
    pin({ say: `${say}<!-- {{voice}} -->` }),
    /^pin\.xml:4: a comment can hold no \{\{name\}\}/,
  ],
  [
    'known verbs',
    'goodbye.xml',
    `${head}${say}\n<Dial>+34600000000</Dial>\n<Hangup/></Response>`,
    /^goodbye\.xml:2: <Response> must hold/,
    /^goodbye\.xml:4: <Dial> is not a verb that this view can use; use <Response>, <Say>, <Play>, <Pause>, <Hangup>$/,
  ],
  [
    'verbs of this kind of view',
    'goodbye.xml',
    `${head}${say}\n${redirect}</Response>`,
    /^goodbye\.xml:2: /,
    /^goodbye\.xml:4: <Redirect> is not a verb/,
    /^goodbye\.xml:4: \{\{silenceUrl\}\} means nothing here/,
  ],
  [
    'known attributes',
    'pin.xml',
    pin({ gather: gather.replace('input', 'hints="1" input') }),
    /^pin\.xml:3: <Gather> can't have the attribute hints here/,
  ],
  [
    'attributes, not what every object has',
    'pin.xml',
    pin({ say: '<Say constructor="a">{{say.pin}}</Say>' }),
    /^pin\.xml:4: <Say> can't have the attribute constructor here/,
  ],
  [
    'no nested verbs in <Say>',
    'pin.xml',
    pin({ say: '<Say>{{say.pin}}<Pause/></Say>' }),
    /^pin\.xml:4: <Say> must hold text$/,
  ],
  ['words inside <Gather>', 'pin.xml', pin({ say: '<Pause/>' }), /^pin\.xml:3: <Gather> must hold <Say>/],
  ['no text between verbs', 'pin.xml', pin({ say: `${say} press` }), /^pin\.xml:3: <Gather> must hold <Say>/],
  [
    'keys only',
    'pin.xml',
    pin({ gather: gather.replace('dtmf', 'dtmf speech') }),
    /^pin\.xml:3: input="dtmf speech" is not possible in <Gather>; write input="dtmf"/,
  ],
  [
    'keys posted to us',
    'pin.xml',
    pin({ gather: gather.replace('{{keysUrl}}', 'https://evil.example') }),
    /^pin\.xml:3: action="https:\/\/evil\.example" is not possible/,
  ],
  [
    'keys posted',
    'pin.xml',
    pin({ gather: gather.replace('POST', 'GET') }),
    /^pin\.xml:3: method="GET" is not possible in <Gather>; write method="POST"$/,
  ],
  [
    'every attribute that is needed',
    'pin.xml',
    pin({ gather: '<Gather>' }),
    /^pin\.xml:3: <Gather> lacks the attribute input/,
    /action/,
    /method/,
    /timeout/,
    /finishOnKey/,
  ],
  [
    'a timeout in seconds',
    'pin.xml',
    pin({ gather: gather.replace('{{timeout}}', '0') }),
    /^pin\.xml:3: timeout="0" is not possible/,
  ],
  [
    'pound ends digits',
    'pin.xml',
    pin({ gather: gather.replace('"#"', '"*"') }),
    /^pin\.xml:3: finishOnKey="\*" is not possible/,
  ],
  [
    'pound is a key in a menu',
    'menu-again.xml',
    pin().replace('say.pin', 'say.menu-again'),
    /^menu-again\.xml:3: finishOnKey="#" is not possible/,
    /^menu-again\.xml:3: <Gather> lacks the attribute numDigits/,
  ],
  [
    'one <Gather>',
    'pin.xml',
    pin().replace(redirect, `${gather}${say}</Gather>${redirect}`),
    /^pin\.xml:2: <Response> must hold one <Gather>, then one <Redirect>/,
  ],
  [
    'a way on after silence',
    'pin.xml',
    pin({ redirect: '' }),
    /^pin\.xml:2: <Response> must hold one <Gather>, then one <Redirect>/,
  ],
  [
    'the right way on',
    'pin.xml',
    pin({ redirect: redirect.replace('silence', 'keys') }),
    /^pin\.xml:6: <Redirect> must hold \{\{silenceUrl\}\}$/,
  ],
  [
    '<Redirect> posts',
    'pin.xml',
    pin({ redirect: redirect.replace(' method="POST"', '') }),
    /^pin\.xml:6: <Redirect> lacks the attribute method; write method="POST"$/,
  ],
  [
    'an end to the call',
    'goodbye.xml',
    `${head}${say}</Response>`,
    /^goodbye\.xml:2: <Response> must hold .*<Hangup\/> at the end$/,
  ],
  [
    'the application at the end',
    'handover.xml',
    `${head}${say}\n${redirect}</Response>`,
    /^handover\.xml:4: <Redirect> must hold \{\{applicationUrl\}\}$/,
    /^handover\.xml:4: \{\{silenceUrl\}\} means nothing here/,
  ],
  [
    'secure recordings',
    'pin.xml',
    pin({ say: '<Play>http://cdn.example/a.mp3</Play>' }),
    /^pin\.xml:4: <Play> must hold the https address of a recording$/,
  ],
  [
    'a voice',
    'pin.xml',
    pin({ say: '<Say voice="{{name}}">{{say.pin}}</Say>' }),
    /^pin\.xml:4: voice="\{\{name\}\}" is not possible/,
    /^pin\.xml:4: \{\{name\}\} means nothing here/,
  ],
  [
    'a language',
    'pin.xml',
    pin({ say: '<Say language="English!">{{say.pin}}</Say>' }),
    /^pin\.xml:4: language="English!" is not possible/,
  ],
  [
    'whole numbers',
    'pin.xml',
    pin({ say: `<Pause length="long"/>${say}` }),
    /^pin\.xml:4: length="long" is not possible in <Pause>; write seconds from 1 to 99$/,
  ],
  [
    'known names',
    'pin.xml',
    pin({ say: '<Say>{{say.pin}}\n{{refusal}}</Say>' }),
    /^pin\.xml:5: \{\{refusal\}\} means nothing here; this view may use \{\{say\.<phrase>\}\}, \{\{voice\}\}, \{\{language\}\}, \{\{timeout\}\}, \{\{keysUrl\}\}, \{\{silenceUrl\}\}$/,
  ],
  [
    'no phrase that the call chooses',
    'pin.xml',
    pin({ say: '<Say>{{say.refusal.too_short}}</Say>' }),
    /^pin\.xml:4: \{\{say\.refusal\.too_short\}\} means nothing here/,
  ],
  [
    'no sections',
    'pin.xml',
    pin({ say: '<Say>{{#name}}{{say.pin}}{{/name}}</Say>' }),
    /^pin\.xml:4: only \{\{name\}\} can be used/,
  ],
  [
    'no partials',
    'pin.xml',
    pin({ say: '<Say>{{say.pin}}{{> a}}</Say>' }),
    /^pin\.xml:4: only \{\{name\}\} can be used/,
  ],
  [
    'no Mustache comments',
    'pin.xml',
    pin({ say: '<Say>{{say.pin}}{{! a}}</Say>' }),
    /^pin\.xml:4: only \{\{name\}\} can be used/,
  ],
  [
    'nothing unescaped',
    'pin.xml',
    pin({ say: '<Say>{{{say.pin}}}</Say>' }),
    /^pin\.xml:4: only \{\{name\}\} can be used/,
  ],
  [
    'closed braces',
    'pin.xml',
    pin({ say: '<Say>\n{{say.pin</Say>' }),
    /^pin\.xml:5: \{\{say\.pin<\/Say> <\/Gather> .* means nothing here/,
  ],
  [
    'phrases that exist',
    'pin.xml',
    pin({ say: '<Say>{{say.pim}}</Say>' }),
    ...locales.map(
      (locale) => new RegExp(`^pin\\.xml:4: "pim" has no words in ${locale}\\.json; add them there$`),
    ),
  ],
  [
    'something to say in every call',
    'menu.xml',
    pin()
      .replace('finishOnKey="#"', 'finishOnKey="" numDigits="1"')
      .replace(say, '<Say>{{say.menu}}</Say>\n<Say>{{news}}</Say>'),
    /^menu\.xml:5: this <Say> has nothing to say in some calls/,
  ],
  [
    'file names of views',
    'pinn.xml',
    pin(),
    /^pinn\.xml:1: is not a name that is looked for; call it one of welcome, /,
  ],
  [
    'file names of languages',
    'locales/en.json',
    '{}',
    /^locales\/en\.json:1: is not a name that is looked for; call it one of en-US, es-ES, fr-FR, de-DE$/,
  ],
  [
    'braces that end',
    'pin.xml',
    `${pin()}{{`,
    /^pin\.xml:8: not well-formed XML: /,
    /^pin\.xml:8: Unclosed tag; only \{\{name\}\} can be used$/,
  ],
  ['JSON', 'locales/en-US.json', '{\n"pin": "PIN",\n}', /^locales\/en-US\.json:2: is not JSON of the form/],
  [
    'ICU syntax',
    'locales/en-US.json',
    '{\n"pin": "Your {PIN"}',
    /^locales\/en-US\.json:2: "pin" is not ICU MessageFormat: expect argument closing brace$/,
  ],
  [
    'complete plurals',
    'locales/en-US.json',
    '{\n"expiry-notice": "{days, plural, one {a day}}"}',
    /^locales\/en-US\.json:2: "expiry-notice" is not ICU MessageFormat: missing other clause$/,
  ],
  [
    'known parameters',
    'locales/en-US.json',
    '{\n"expiry-notice": "{days} {name}"}',
    /^locales\/en-US\.json:2: "expiry-notice" can't use \{name\}; it may use \{days\}$/,
  ],
  [
    'known parameters inside plurals',
    'locales/en-US.json',
    '{\n"expiry-notice": "{days, plural, other {# {name}}}"}',
    /^locales\/en-US\.json:2: "expiry-notice" can't use \{name\}; it may use \{days\}$/,
  ],
  [
    'known parameters of phrases that the call chooses',
    'locales/de-DE.json',
    '{\n"refusal.too_short": "{count}"}',
    /^locales\/de-DE\.json:2: "refusal\.too_short" can't use \{count\}; it may use \{minLength\}, \{maxLength\}$/,
  ],
  [
    'parameters, not what every object has',
    'locales/en-US.json',
    '{\n"pin": "{constructor}"}',
    /^locales\/en-US\.json:2: "pin" can't use \{constructor\}; it may use no names$/,
  ],
  [
    'parameters of the right kind',
    'locales/en-US.json',
    '{\n"greeting.name": "{name, plural, other {#}}"}',
    /^locales\/en-US\.json:2: "greeting\.name" can't count \{name\}; it may use \{name\}$/,
  ],
  [
    'words in every phrase',
    'locales/en-US.json',
    '{\n"pin": " "}',
    /^locales\/en-US\.json:2: "pin" says nothing; give it words$/,
  ],
  [
    'no phrase without use',
    'locales/en-US.json',
    '{\n"pim": "Hello"}',
    /^locales\/en-US\.json:2: nothing says "pim"; correct the key or remove it$/,
  ],
  [
    'a voice with a name',
    'locales/en-US.json',
    '{\n"voice": "Joanna, please"}',
    /^locales\/en-US\.json:2: needs a "voice", such as "Polly\.Joanna-Neural"$/,
  ],
  [
    'a language tag',
    'locales/en-US.json',
    '{\n"language": "English"}',
    /^locales\/en-US\.json:2: needs a "language", such as "en-US"$/,
  ],
  [
    'speech of bearable length',
    'locales/en-US.json',
    `{\n"goodbye": "${'so long '.repeat(400)}"}`,
    /^twiml\/goodbye\.xml:3: this <Say> is over 3000 characters in en-US; shorten it$/,
  ],
  [
    'a document that the provider takes',
    'pin.xml',
    pin({ say: `${say}\n`.repeat(900) }),
    ...locales.map(
      (locale) => new RegExp(`^pin\\.xml:1: comes to over 64 KB in ${locale}; the provider takes no more$`),
    ),
  ],
];

describe('a mistake stops the start with file and line', () => {
  it.each(mistakes)('%s', (_rule, file, text, ...expected) => {
    write(file, text);
    expect(problems()).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
  });

  it('but does not make phrases useless that the broken view would say', () => {
    write('pin.xml', `${pin({ say: say.replace('say.pin', 'say.our-pin') })}{{`);
    for (const locale of locales) write(`locales/${locale}.json`, '{"our-pin": "PIN"}');
    expect(new Set(problems().map((line) => line.split(':')[0]))).toEqual(new Set(['pin.xml']));
  });

  it('and so do all others at once', () => {
    write('pin.xml', pin({ redirect: '' }));
    write('goodbye.xml', `${head}<Hangup/></Response>`);
    write('locales/fr-FR.json', '{"pin": "{x}"}');
    write('locales/de-DE.json', '{');
    expect(problems().map((line) => line.split(':')[0])).toEqual([
      'goodbye.xml',
      'pin.xml',
      'locales/fr-FR.json',
      'locales/de-DE.json',
    ]);
  });
});
