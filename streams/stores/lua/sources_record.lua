-- Keeps what a poll found and the source's state, together. KEYS[1] prefix; ARGV: source, now, state, then the bounds of
-- looking again (most looks, seconds since the first sight, after the first look, and at most between two); then for each
-- entry its digest, mark, host, whether it has a page to fetch (1 or 0), id, whether it is news (1 or 0), and the entry.
-- Answers how many entries were new, and how many are to be looked at again.
local prefix, source, now = KEYS[1], ARGV[1], tonumber(ARGV[2])
local most, look_for, after, at_most = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local seconds, today = math.floor(now / 1000), math.floor(now / 86400000)
local pages, new, changed = prefix .. 'pages', 0, 0
redis.call('SET', prefix .. 'source:' .. source, ARGV[3])
local number = seen_number(prefix, 'sources', source)
redis.call('HSET', prefix .. 'seen:read', number, today)
local duplicate = tonumber(redis.call('HGET', prefix .. 'seen:outcomes', 'duplicate') or '-1')

-- When an article may be looked at again; nil where that is over.
local function next_look(article)
  if article.looks >= most or article.first + look_for < seconds then
    return nil
  end
  if article.looks == 0 then
    return now
  end
  return math.max(now, 1000 * (article.checked + math.min(at_most, after * 2 ^ (article.looks - 1))))
end

-- What the feed says now of an entry that still waits: if it was not tried yet, that is what is published.
local function replace(key, mark, entry)
  local waiting = cjson.decode(redis.call('HGET', pages, key))
  local hex = string.gsub(mark, '.', function(byte)
    return string.format('%02x', string.byte(byte))
  end)
  if waiting.tries == 0 and waiting.mark ~= hex then
    redis.call('HSET', pages, key, entry)
  end
end

for index = 8, #ARGV, 7 do
  local digest, mark, host, fetched, id, news, entry = unpack(ARGV, index, index + 6)
  local key, article = source .. ' ' .. id, seen_read(prefix, digest)
  local mine = article and seen_by(article, number)
  if not mine then
    if redis.call('HSETNX', pages, key, entry) == 1 then
      sources_schedule(prefix, host, key, now, news == '1')
      new = new + 1
    end
  else
    local before = article.day
    article.day = today
    if mine.mark ~= mark and mine.mark ~= SEEN_NO_MARK then
      local due = (fetched == '1' or mine.outcome ~= duplicate) and next_look(article)
      if redis.call('HEXISTS', pages, key) == 1 then
        replace(key, mark, entry)
      elseif due then
        redis.call('HSET', pages, key, entry)
        sources_schedule(prefix, host, key, string.format('%.0f', due), false)
        changed = changed + 1
      end
    elseif mine.mark ~= mark then
      mine.mark, before = mark, -1
    end
    if before ~= today then
      seen_write(prefix, digest, article)
    end
  end
end
if new + changed > 0 then
  redis.call('HINCRBY', prefix .. 'source:' .. source .. ':outcomes', 'found', new + changed)
end
return {new, changed}
