import { expect, it } from 'vitest';
import { parseMonitorLine } from '../../bench/scaling/redis-keys.ts';

const at = '+1795274167.789 [0 127.0.0.1:50412]';

it.each([
  ['a read of the policies', '"HMGET" "ringkey:{server}:policies" "version"', true, false],
  ['a read of an account', '"HMGET" "ringkey:{p17}:account:0000" "version"', false, false],
  ['a swap of a call', '"EVALSHA" "5ab1" "1" "ringkey:{c-abc}:call" "1" "1" "" "{\\"a\\":1}"', false, true],
  ['a charge', '"EVALSHA" "5ab1" "2" "ringkey:counter:{failures}:failures:service" "1"', true, true],
])('tells %s', (_, command, shared, writes) => {
  expect(parseMonitorLine(`${at} ${command}`)).toMatchObject({ kind: { shared }, writes });
});

it.each([
  ['what a script does itself', '+1795274167.789 [0 lua] "HMGET" "ringkey:{server}:policies" "version"'],
  ['the look for mail', `${at} "ZRANGEBYLEX" "ringkey:{p1}{index}:outbox" "-" "+"`],
  ['statistics', `${at} "EVALSHA" "5ab1" "1" "ringkey:counter:statistics:signIns:498687" "1"`],
  ['what is not ours', `${at} "INFO" "memory"`],
])('passes over %s', (_, line) => {
  expect(parseMonitorLine(line)).toBeNull();
});
