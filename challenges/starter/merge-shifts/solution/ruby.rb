def merge_shifts(shifts)
  raise "bad shift" if shifts.any? { |first, last| last <= first }

  shifts.sort.each_with_object([]) do |(first, last), lit|
    if lit.any? && first <= lit[-1][1]
      lit[-1][1] = [lit[-1][1], last].max
    else
      lit << [first, last]
    end
  end
end
