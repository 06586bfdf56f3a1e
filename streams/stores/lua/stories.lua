-- What is shared by the scripts of stories. Keys, under the prefix:
--   alerts:version    counts commits; a decision rests on all texts and alerts that were known when it was read
--   texts             counts texts; each has its number
--   text:<number>     a known text in JSON (see streams/alerts.py, KnownText)
--   textof:<print>    number of the text with this fingerprint
--   prints:<kind>:<day>:<bucket>  set of whole numbers, high bits of a print * 2^32 + number of the text; a set of whole
--                     numbers takes 8 bytes each. Days are those of seen_at; keys live four days.
local STORIES_KEEP = 4 * 86400
local STORIES_FULL = 200  -- texts with one print: more, and it is a set phrase that tells nothing

local function stories_add(prefix, texts)
  for _, text in ipairs(texts) do
    local known = prefix .. 'textof:' .. text.fingerprint
    if redis.call('SET', known, '0', 'NX', 'EX', STORIES_KEEP) then
      local number = redis.call('INCR', prefix .. 'texts')
      redis.call('SET', known, number, 'EX', STORIES_KEEP)
      redis.call('SET', prefix .. 'text:' .. number, text.record, 'EX', STORIES_KEEP)
      for _, print in ipairs(text.prints) do
        local key = prefix .. 'prints:' .. text.day .. ':' .. print[1]
        if redis.call('SCARD', key) < STORIES_FULL then
          redis.call('SADD', key, string.format('%.0f', print[2] * 4294967296 + number))
          redis.call('EXPIRE', key, STORIES_KEEP)
        end
      end
    end
  end
end
