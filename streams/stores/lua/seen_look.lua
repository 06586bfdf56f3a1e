-- What is remembered of articles. KEYS[1] prefix; ARGV: source that asks, now, then digests.
-- Answers for each '', or {revision, flags, looks, second of the last look, content in hex, outcome for the source or '',
-- what is about to be published or ''}; an article that the source has brought is taken to be in it now.
local prefix, today = KEYS[1], math.floor(tonumber(ARGV[2]) / 86400000)
local number, outcomes = tonumber(redis.call('HGET', prefix .. 'seen:sources', ARGV[1]) or '-1'), nil
local answer, some_begun = {}, redis.call('EXISTS', prefix .. 'seen:begun') == 1
for index = 3, #ARGV do
  local article = seen_read(prefix, ARGV[index])
  local begun = some_begun and redis.call('HGET', prefix .. 'seen:begun', ARGV[index]) or ''
  if article then
    outcomes = outcomes or seen_names(prefix, 'outcomes')
    local mine = seen_by(article, number)
    if mine and article.day < today then
      article.day = today
      seen_write(prefix, ARGV[index], article)
    end
    local content = string.gsub(article.content, '.', function(byte)
      return string.format('%02x', string.byte(byte))
    end)
    answer[index - 2] = {article.revision, article.flags, article.looks, article.checked, content,
      mine and outcomes[mine.outcome] or '', begun}
  elseif begun ~= '' then
    answer[index - 2] = {0, 0, 0, 0, '', '', begun}
  else
    answer[index - 2] = ''
  end
end
return answer
