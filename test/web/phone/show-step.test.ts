/**
 * What is shown of webhooks and documents: laid out, and without what opens doors.
 */
import { describe, expect, test } from 'vitest';
import type { Exchange } from '../../../src/phone/call.ts';
import { elementsOf, parseTwiml, textOf } from '../../../src/phone/twiml.ts';
import { prettyTwiml } from '../../../src/web/phone/pretty-twiml.ts';
import { showEnd, showStep } from '../../../src/web/phone/show-step.ts';

const publicUrl = new URL('https://pin.example.com');

function exchange(changes: Partial<Exchange> = {}): Exchange {
  const url = 'https://pin.example.com/voice/steps/abc/keys';
  return { url, signUrl: url, method: 'POST', params: {}, answer: null, failure: null, ...changes };
}

describe('a document', () => {
  test('has an element a line, and an attribute a line where they are many', () => {
    const xml =
      '<?xml version="1.0"?><Response><Gather input="dtmf" finishOnKey="#" timeout="10" action="https://pin.example.com/voice" ' +
      'method="POST"><Say language="en-US">Hello</Say></Gather><Pause/><Redirect> x </Redirect></Response>';
    expect(prettyTwiml(xml)).toBe(`<Response>
  <Gather
      input="dtmf"
      finishOnKey="#"
      timeout="10"
      action="https://pin.example.com/voice"
      method="POST">
    <Say language="en-US">Hello</Say>
  </Gather>
  <Pause/>
  <Redirect>x</Redirect>
</Response>
`);
  });

  test('means the same as before, hostile names and speech mark-up included', () => {
    const said =
      '&lt;b a=&quot;1&quot;&gt; &amp;amp; <break time="1s"/> well <emphasis level="strong">done</emphasis> Ada';
    const xml = `<Response><Say voice="&lt;&amp;&quot;">${said}</Say></Response>`;
    const [before] = elementsOf(parseTwiml(xml));
    const [after] = elementsOf(parseTwiml(prettyTwiml(xml)));
    expect(after?.attributes).toEqual(before?.attributes);
    expect(after && textOf(after)).toBe(before && textOf(before));
  });

  test('stays as it is when it is no TwiML', () => {
    expect(prettyTwiml('{"status":404}')).toBe('{"status":404}');
    expect(prettyTwiml('<Response><Say>')).toBe('<Response><Say>');
  });
});

describe('a step', () => {
  test('masks keyed digits, leaves out what is empty, and shows the path', () => {
    const params = { Digits: '907364', FinishedOnKey: '#', FromCity: '' };
    const step = showStep(exchange({ params, failure: 'ECONNREFUSED' }), publicUrl, null);
    expect(step).toEqual({
      kind: 'step',
      method: 'POST',
      url: '/voice/steps/abc/keys',
      params: { Digits: '••••••', FinishedOnKey: '#' },
      status: null,
      failure: 'ECONNREFUSED',
      document: '\n'.trim(),
      state: null,
    });
  });

  test('shows no statement, wherever it stands', () => {
    const statement = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2ln';
    const body = `<Response><Redirect a="?assertion=${statement}">https://app.example.com/?x=1&amp;assertion=${statement}&amp;y=2</Redirect></Response>`;
    const answer = { status: 200, headers: new Headers(), body, signature: null };
    const signUrl = `https://app.example.com/?assertion=${statement}`;
    const shown = JSON.stringify(showStep(exchange({ answer, signUrl }), publicUrl, null));
    expect(shown).not.toContain('eyJ');
    expect(shown).toContain('https://app.example.com/?x=1&amp;assertion=…&amp;y=2');
  });
});

describe('an end', () => {
  test('reads the statement of a hand-over, and passes on no signature', () => {
    const statement = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2ln';
    const url = `https://app.example.com/?assertion=${statement}`;
    expect(showEnd({ by: 'redirect', url, note: 'not followed' })).toEqual({
      by: 'redirect',
      url: 'https://app.example.com/?assertion=…',
      statement: { sub: '1' },
    });
  });

  test.each(['https://app.example.com/', 'https://app.example.com/?assertion=none', 'no address'])(
    'has none to read at %s',
    (url) => {
      expect(showEnd({ by: 'redirect', url, note: 'not followed' })).toMatchObject({ statement: null });
    },
  );
});
