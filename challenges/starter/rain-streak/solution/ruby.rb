def longest_rain(rain)
  # chunk_while cuts the diary wherever rainy and dry days meet
  streaks = rain.chunk_while { |a, b| a.positive? == b.positive? }
  streaks.select { |days| days[0].positive? }.map(&:size).max || 0
end
