-- Swaps documents: if every one still has the version that is expected, all changes are made, else none.
--
-- A document is a hash of version, value and expiresAt (Unix ms, or empty: it stays).
-- An index is a sorted set whose members all have the score 0, so that they are in the order of their bytes.
-- KEYS  one document per change of a document, then one index per change of an index
-- ARGV  now (Unix ms) and the number of documents; then for each document: expected version (empty: there must be none),
--       new version (empty: delete), value, expiresAt, and how long Redis keeps the key (ms, or empty: for good);
--       then for each change of an index: add or remove, and the member
-- Returns 1 if the changes were made, 0 if not.

local now, documents = tonumber(ARGV[1]), tonumber(ARGV[2])

local function versionOf(key)
  local found = redis.call('HMGET', key, 'version', 'expiresAt')
  local expiresAt = tonumber(found[2] or '')
  if not found[1] or (expiresAt and expiresAt <= now) then
    return ''
  end
  return found[1]
end

for i = 1, documents do
  if versionOf(KEYS[i]) ~= ARGV[5 * i - 2] then
    return 0
  end
end

for i = 1, documents do
  local key = KEYS[i]
  local version, value, expiresAt, keepMs = unpack(ARGV, 5 * i - 1, 5 * i + 2)
  if version == '' then
    redis.call('DEL', key)
  else
    redis.call('HSET', key, 'version', version, 'value', value, 'expiresAt', expiresAt)
    if keepMs == '' then
      redis.call('PERSIST', key)
    else
      redis.call('PEXPIRE', key, keepMs)
    end
  end
end

for i = documents + 1, #KEYS do
  local operation, member = unpack(ARGV, 2 + 5 * documents + 2 * (i - documents) - 1, 2 + 5 * documents + 2 * (i - documents))
  if operation == 'add' then
    redis.call('ZADD', KEYS[i], 0, member)
  else
    redis.call('ZREM', KEYS[i], member)
  end
end

return 1
