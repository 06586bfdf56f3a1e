-- What silences hold back, shared by the scripts that write it. Keys, under the prefix:
--   silence:<id>:held  hash of alert ids to JSON (see streams/silences.py)
local function silence_held(prefix, silence)
  return prefix .. 'silence:' .. silence .. ':held'
end

-- The list with these names as well. A list that would be empty stays nil: as JSON it would become an object.
local function silence_join(list, names)
  local known = {}
  for _, name in ipairs(list or {}) do
    known[name] = true
  end
  for _, name in ipairs(names or {}) do
    if not known[name] then
      list = list or {}
      table.insert(list, name)
    end
  end
  return list
end

-- Have a silence hold an alert back. A later article of it may be for others as well, and another silence may ask for it
-- by then; who has been told stays told.
local function silence_hold(prefix, silence, alert, now_held)
  local key = silence_held(prefix, silence)
  local before = redis.call('HGET', key, alert)
  if before then
    local held, more = cjson.decode(before), cjson.decode(now_held)
    if held.told then  -- by an earlier release, to all whom it knew of
      held.told, held.told_to = nil, silence_join(nil, held.receivers)
    end
    for _, field in ipairs({'receivers', 'beside'}) do
      held[field] = silence_join(held[field], more[field])
    end
    held.subject = more.subject or held.subject
    now_held = cjson.encode(held)
  end
  redis.call('HSET', key, alert, now_held)
end

-- Whether a receiver is yet to be told of an alert.
local function silence_waits(prefix, silence, alert, receiver)
  local row = redis.call('HGET', silence_held(prefix, silence), alert)
  for _, name in ipairs(row and cjson.decode(row).told_to or {}) do
    if name == receiver then
      return false
    end
  end
  return row and true
end

local function silence_tell(prefix, silence, alert, receivers)
  local key = silence_held(prefix, silence)
  local held = cjson.decode(redis.call('HGET', key, alert))
  held.told_to = silence_join(held.told_to, receivers)
  redis.call('HSET', key, alert, cjson.encode(held))
end
