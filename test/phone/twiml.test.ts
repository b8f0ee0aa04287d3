import { describe, expect, test } from 'vitest';
import { elementsOf, parseTwiml, TwimlError, textOf } from '../../src/phone/twiml.ts';

describe('parsing TwiML', () => {
  test('keeps names, attributes, nesting and lines', () => {
    const response = parseTwiml(`<?xml version="1.0" encoding="UTF-8"?>
      <Response>
        <!-- a greeting -->
        <Gather
          timeout="10"><Say language="fr-FR">Bonjour</Say></Gather>
        <Hangup/>
      </Response>`);
    const [gather, hangup] = elementsOf(response);
    expect(gather).toMatchObject({ name: 'Gather', attributes: { timeout: '10' }, line: 5 });
    expect(hangup).toMatchObject({ name: 'Hangup', attributes: {}, line: 6 });
    expect(elementsOf(response)).toHaveLength(2);
    const say = gather === undefined ? undefined : elementsOf(gather)[0];
    expect(say).toMatchObject({ name: 'Say', attributes: { language: 'fr-FR' }, children: ['Bonjour'] });
  });

  test('reads text through entities, CDATA, speech mark-up and line breaks', () => {
    const response = parseTwiml(
      '<Response>Your  PIN<break/>is &lt;<![CDATA[new]]>&gt;\n &amp; <say-as>47</say-as>.</Response>',
    );
    expect(textOf(response)).toBe('Your PIN is <new> & 47 .');
  });

  test.each([
    ['malformed', '<Response><Say></Response>', 12100],
    ['empty', '', 12100],
    ['cut off', '<Response><Say>Hello', 12100],
    ['an unknown entity', '<Response>&nbsp;</Response>', 12100],
    ['another root', '<html></html>', 12102],
    ['another case', '<response/>', 12102],
  ])('refuses a document that is %s', (_, xml, code) => {
    expect(() => parseTwiml(xml)).toThrow(TwimlError);
    expect(() => parseTwiml(xml)).toThrow(expect.objectContaining({ code }));
  });

  test('says where a document is malformed', () => {
    expect(() => parseTwiml('<Response>\n<Say></Response>')).toThrow(/^2:\d+: /);
  });
});
