/**
 * The settings of mail: what can be written there, and what is said about the rest.
 */
import { describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from '../../src/config.ts';
import { parseSender } from '../../src/mail/address.ts';
import { parseSmtpUrl } from '../../src/mail/smtp-url.ts';

describe('SMTP_URL', () => {
  test.each([
    ['smtp://mail.example.com', { port: 587, encryption: 'offered', login: null }],
    ['smtp://mail.example.com/', { host: 'mail.example.com' }],
    ['smtp://mail.example.com:25?tls=required', { port: 25, encryption: 'required' }],
    ['smtp://mail.example.com:25?tls=off', { encryption: 'off' }],
    ['smtps://mail.example.com', { port: 465, encryption: 'implicit' }],
    ['smtp://a:b@mail.example.com', { encryption: 'required', login: { user: 'a', password: 'b' } }],
    ['smtp://a:b@mail.example.com?tls=offered', { encryption: 'offered' }],
    [
      'smtps://a%40b:p%3A%2F%3F%23@[::1]:2465',
      { host: '::1', port: 2465, login: { user: 'a@b', password: 'p:/?#' } },
    ],
  ])('%s', (url, expected) => {
    expect(parseSmtpUrl(url)).toMatchObject(expected);
  });

  test.each([
    'mail.example.com',
    'http://mail.example.com',
    'smtp://',
    'smtp:mail.example.com',
    'smtp://mail.example.com:0',
    'smtp://mail.example.com:70000',
    'smtp://mail.example.com/path',
    'smtp://mail.example.com#x',
    'smtp://user@mail.example.com',
    'smtp://:password@mail.example.com',
    'smtp://a:%E0%A4@mail.example.com',
    'smtp://mail.example.com?tls=maybe',
    'smtp://mail.example.com?tls=off&tls=required',
    'smtp://mail.example.com?debug=true',
    'smtps://mail.example.com?tls=off',
    'smtp://ma%20il.example.com',
  ])('is not %s', (url) => {
    expect(parseSmtpUrl(url)).toBeNull();
  });
});

describe('MAIL_FROM', () => {
  test.each([
    ['pin@example.com', null, 'pin@example.com'],
    ['Help Desk <pin@example.com>', 'Help Desk', 'pin@example.com'],
    ['"Desk, Help" <pin@example.com>', 'Desk, Help', 'pin@example.com'],
    ['Téléphone <pin@exämple.com>', 'Téléphone', 'pin@exämple.com'],
  ])('%s', (text, name, address) => {
    expect(parseSender(text)).toEqual({ name, address });
  });

  test.each([
    'pin',
    'Help Desk',
    '<pin@example.com> x',
    'a@b.c, d@e.f',
    'A <a@b.c> <d@e.f>',
    'A\u202e <a@b.c>',
    'a@',
  ])('is not %s', (text) => {
    expect(parseSender(text)).toBeNull();
  });
});

describe('the settings of mail', () => {
  const problemsOf = (environment: Record<string, string>): readonly string[] => {
    try {
      readConfig(environment);
      return [];
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
  };

  test('need nothing', () => {
    expect(readConfig({})).toMatchObject({
      smtpUrl: null,
      mailFrom: null,
      accessNumber: null,
      helpContact: null,
    });
  });

  test('need a sender with a server, and say so', () => {
    expect(problemsOf({ SMTP_URL: 'smtp://mail.example.com' })).toEqual([
      expect.stringMatching(/^MAIL_FROM is missing/),
    ]);
    expect(problemsOf({ SMTP_URL: 'smtp://mail.example.com', MAIL_FROM: 'pin@example.com' })).toEqual([]);
  });

  test('name what is wrong, and never the password', () => {
    const problems = problemsOf({
      SMTP_URL: 'smtp://user:hunter2@mail.example.com/x',
      MAIL_FROM: 'nobody',
      ACCESS_NUMBER: '+49 30\u0007',
      HELP_CONTACT: 'two\nlines',
    });
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
      'SMTP_URL',
      'MAIL_FROM',
      'ACCESS_NUMBER',
      'HELP_CONTACT',
    ]);
    expect(problems.join('\n')).not.toContain('hunter2');
  });
});
