-- What is shared by the scripts of stories. Keys, under the prefix:
--   alerts:version    counts commits; a decision rests on all texts and alerts that were known when it was read
--   texts             counts texts; each has its number
--   text:<number>     a known text in JSON (see streams/alerts.py, KnownText)
--   textof:<print>    number of the text with this fingerprint
--   prints:<kind>:<epoch>:<bucket>  set of whole numbers, high bits of a print * 2^32 + number of the text; a set of
--                     whole numbers takes 8 bytes each
-- An epoch is as long as the days in which a copy is looked for, before and after its seen_at: two epochs hold them.
local STORIES_KEEP = 4 * 86400
local STORIES_EPOCH = 6 * 86400
local STORIES_FULL = 200  -- texts with one print: more, and it is a set phrase that tells nothing
local STORIES_BUCKETS = 1048576  -- of each kind and epoch: 2^20
local STORIES_WIDTH = 5  -- bytes of a packed print

-- Calls `with` for each packed print with its bucket and its high bits.
local function stories_each(packed, with)
  for place = 1, #packed, STORIES_WIDTH do
    local print = struct.unpack('>I5', packed, place)
    local bucket = print % STORIES_BUCKETS
    with(string.format('%.0f', bucket), (print - bucket) / STORIES_BUCKETS)
  end
end

-- Remembers a text; of two texts with one fingerprint the one that is known stays, unless it is `again` a new one.
local function stories_add(prefix, text)
  local known = prefix .. 'textof:' .. text.fingerprint
  if not text.again and redis.call('EXISTS', known) == 1 then
    return
  end
  local number = redis.call('INCR', prefix .. 'texts')
  redis.call('SET', known, number, 'EX', STORIES_KEEP)
  redis.call('SET', prefix .. 'text:' .. number, text.record, 'EX', STORIES_KEEP)
  for kind, packed in pairs(text.prints) do
    local place = prefix .. 'prints:' .. kind .. ':' .. text.epoch .. ':'
    stories_each(packed, function(bucket, high)
      local key = place .. bucket
      local size = redis.call('SCARD', key)
      if size < STORIES_FULL then
        redis.call('SADD', key, string.format('%.0f', high * 4294967296 + number))
        if size == 0 then
          redis.call('EXPIRE', key, STORIES_EPOCH + STORIES_KEEP)
        end
      end
    end)
  end
end
