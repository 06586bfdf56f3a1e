-- What is shared by the scripts of stories. Keys, under the prefix:
--   alerts:version    counts commits; a decision rests on all texts and alerts that were known when it was read
--   texts             counts texts; each has its number
--   text:<number>     a known text in JSON (see streams/alerts.py, KnownText)
--   textof:<print>    of the text with this fingerprint: its number, when it was seen in seconds, and its story where that
--                     is another, parted by spaces; it outlives the text, as long as alerts are remembered, so that one that comes again much
--                     later is no part of what it was told with
--   postings:<kind>:<epoch>:<bucket>  string of postings: the low bits of a print in 3 bytes, the text's number in 4;
--                     the bucket is its high bits, since the sieve that prints pass leaves few values of the lowest
-- An epoch is as long as the days in which a copy is looked for, before and after its seen_at: two epochs hold them.
local STORIES_KEEP = 4 * 86400
local STORIES_EPOCH = 6 * 86400
local STORIES_BUCKET = 4194304  -- prints that share one: 2^22 of 2^40, which makes 2^18 buckets of each kind and epoch
local STORIES_WIDTH = 5  -- bytes of a packed print
local STORIES_POSTING = 7  -- bytes
local STORIES_FULL = 512 * STORIES_POSTING  -- bytes of a bucket: a million texts in an epoch fill a quarter of it
local STORIES_PHRASE = 200  -- texts that have one print: more, and it is a set phrase that tells nothing

-- The keys of the packed prints of a kind in an epoch, and the low bits of each print.
local function stories_keys(prefix, kind, epoch, packed)
  local place, keys, lows = prefix .. 'postings:' .. kind .. ':' .. epoch .. ':', {}, {}
  for at = 1, #packed, STORIES_WIDTH do
    local print = struct.unpack('>I5', packed, at)
    local low = print % STORIES_BUCKET
    keys[#keys + 1] = place .. string.format('%d', (print - low) / STORIES_BUCKET)
    lows[#lows + 1] = struct.pack('>I3', low)
  end
  return keys, lows
end

-- Remembers a text; of two texts with one fingerprint the one that is known stays, unless it is `again` a new one.
local function stories_add(prefix, text, keep)
  local known = prefix .. 'textof:' .. text.fingerprint
  if not text.again and redis.call('EXISTS', known) == 1 then
    return
  end
  local number = redis.call('INCR', prefix .. 'texts')
  redis.call('SET', known, number .. ' ' .. text.seen .. ' ' .. text.story, 'EX', math.max(STORIES_KEEP, tonumber(keep)))
  redis.call('SET', prefix .. 'text:' .. number, text.record, 'EX', STORIES_KEEP)
  local posting = struct.pack('>I4', number % 4294967296)
  for kind, packed in pairs(text.prints) do
    local keys, lows = stories_keys(prefix, kind, text.epoch, packed)
    for index, key in ipairs(keys) do
      local size = redis.call('STRLEN', key)
      if size < STORIES_FULL then
        redis.call('APPEND', key, lows[index] .. posting)
        if size == 0 then
          redis.call('EXPIRE', key, STORIES_EPOCH + STORIES_KEEP)
        end
      end
    end
  end
end
