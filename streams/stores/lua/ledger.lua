-- What is shared by the scripts that write the ledger. Keys: <prefix>article:<id> holds '' once entered and the
-- terminal status once finished; <prefix>tally counts, and never expires.
local function ledger_enter(prefix, id, keep)
  if redis.call('SET', prefix .. 'article:' .. id, '', 'NX', 'EX', keep) then
    redis.call('HINCRBY', prefix .. 'tally', 'entered', 1)
  end
end

-- The first status stands, unless another one `replaces` it: an update may be told where its article was not.
local function ledger_finish(prefix, id, status, keep, replaces)
  ledger_enter(prefix, id, keep)
  local key = prefix .. 'article:' .. id
  local before = redis.call('GET', key)
  if before ~= '' and (not replaces or before == status) then
    return 0
  end
  if before ~= '' then
    redis.call('HINCRBY', prefix .. 'tally', before, -1)
  end
  redis.call('SET', key, status, 'EX', keep)
  redis.call('HINCRBY', prefix .. 'tally', status, 1)
  return 1
end
