def stamp_ways(postage, stamps)
  ways = [1] + [0] * postage # nothing to pay: one way
  stamps.uniq.each do |value| # one kind after the other: mixtures, not orders
    value.upto(postage) { |amount| ways[amount] += ways[amount - value] }
  end
  ways[postage]
end
