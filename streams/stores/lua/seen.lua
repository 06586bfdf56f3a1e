-- What is shared by the scripts of articles seen. Keys, under the prefix:
--   seen:<shard>     hash of digest to what is remembered of an article, packed; small enough for a listpack while there are
--                    no more than two million articles, which takes a quarter less than a hash table
--   seen:sources     hash of source to its number; seen:outcomes of outcome to its number; seen:numbers counts both
--   seen:begun       hash of digest to '<revision> <flags> <content in hex> <when> <source>' of what is about to be
--                    published; it stands until what was published is noted, or the article is forgotten
--   seen:read        hash of a feed's number to the day its entries were last read, SEEN_GONE once it was forgotten
-- An article is packed as day it was last in a feed, flags (1 backlog, 2 text of the page), revision, looks, second of the
-- last look and of the first sight, content; then for each source its number, outcome and mark.
local SEEN_SHARDS = 16384
local SEEN_HEAD = '>I2I1I1I1I4I4c26'
local SEEN_SOURCE = '>I2I1c3'
local SEEN_NO_CONTENT = string.rep('\0', 26)
local SEEN_NO_MARK = '\0\0\0'
local SEEN_GONE = 65535
local SEEN_SWEEP = 8  -- a shard is swept when it has grown by so many
local SEEN_MOST = 255

local function seen_key(prefix, digest)
  return prefix .. 'seen:' .. struct.unpack('>I2', digest) % SEEN_SHARDS
end

-- The number of a source or an outcome, given out when it is first met.
local function seen_number(prefix, kind, name)
  local key = prefix .. 'seen:' .. kind
  local number = redis.call('HGET', key, name)
  if not number then
    number = redis.call('HINCRBY', prefix .. 'seen:numbers', kind, 1)
    redis.call('HSET', key, name, number)
  end
  return tonumber(number)
end

-- Names of a kind by their numbers.
local function seen_names(prefix, kind)
  local names, flat = {}, redis.call('HGETALL', prefix .. 'seen:' .. kind)
  for index = 1, #flat, 2 do
    names[tonumber(flat[index + 1])] = flat[index]
  end
  return names
end

local function seen_unpack(packed)
  local article, at = {sources = {}}, nil
  article.day, article.flags, article.revision, article.looks, article.checked, article.first, article.content, at =
    struct.unpack(SEEN_HEAD, packed)
  while at <= #packed do
    local source = {}
    source.number, source.outcome, source.mark, at = struct.unpack(SEEN_SOURCE, packed, at)
    article.sources[#article.sources + 1] = source
  end
  return article
end

-- What is remembered of an article; nil where nothing is.
local function seen_read(prefix, digest)
  local packed = redis.call('HGET', seen_key(prefix, digest), digest)
  return packed and seen_unpack(packed)
end

-- Whether each source of an article was read, and had it no more, so many days after it was last there. What has not been
-- read since, as a feed that does not change, or a file, may bring it again.
local function seen_is_over(prefix, article, remember)
  for _, source in ipairs(article.sources) do
    local read = redis.call('HGET', prefix .. 'seen:read', source.number)
    if not read or tonumber(read) <= article.day + remember then
      return false
    end
  end
  return true
end

-- Forgets what has not been in a feed for `remember` days, in a shard that has grown.
local function seen_sweep(prefix, key, today, remember)
  if redis.call('HLEN', key) % SEEN_SWEEP > 0 then
    return
  end
  local flat = redis.call('HGETALL', key)
  for index = 1, #flat, 2 do
    local article = seen_unpack(flat[index + 1])
    if article.day + remember < today and seen_is_over(prefix, article, remember) then
      redis.call('HDEL', key, flat[index])
      redis.call('HDEL', prefix .. 'seen:begun', flat[index])
    end
  end
end

-- Keeps an article; whether it was not known before.
local function seen_write(prefix, digest, article)
  local packed = {struct.pack(SEEN_HEAD, article.day, article.flags, article.revision, article.looks, article.checked,
    article.first, article.content)}
  for _, source in ipairs(article.sources) do
    packed[#packed + 1] = struct.pack(SEEN_SOURCE, source.number, source.outcome, source.mark)
  end
  return redis.call('HSET', seen_key(prefix, digest), digest, table.concat(packed)) == 1
end

-- What a source has to do with an article; nil where it has not brought it.
local function seen_by(article, number)
  for _, source in ipairs(article.sources) do
    if source.number == number then
      return source
    end
  end
end

-- Remembers how an entry of a source ended. `row` is a Note's (stores/seen.py), `seconds` when; `first` when it was seen.
-- Answers whether a source that has been here for longer (its number is lower) has brought the article, too.
local function seen_end(prefix, number, row, seconds, first, remember)
  local digest, outcome, mark, content, revision, flags, looks = unpack(row)
  local article = seen_read(prefix, digest)
  if not article then
    article = {flags = 0, revision = 0, looks = 0, checked = 0, first = first, content = SEEN_NO_CONTENT, sources = {}}
  end
  article.day = math.floor(seconds / 86400)
  if content ~= '' then
    article.content, article.flags = content, tonumber(flags)
    article.revision = math.min(SEEN_MOST, math.max(article.revision, tonumber(revision)))
    article.checked = seconds
    redis.call('HDEL', prefix .. 'seen:begun', digest)
  end
  if tonumber(looks) > 0 then
    article.looks = math.min(SEEN_MOST, article.looks + tonumber(looks))
    article.checked = seconds
  end
  local mine = seen_by(article, number)
  if not mine then
    mine = {number = number}
    article.sources[#article.sources + 1] = mine
  end
  mine.outcome, mine.mark = seen_number(prefix, 'outcomes', outcome), mark
  if seen_write(prefix, digest, article) then
    seen_sweep(prefix, seen_key(prefix, digest), article.day, remember)
  end
  for _, source in ipairs(article.sources) do
    if source.number < number then
      return true
    end
  end
  return false
end
