def merge_shifts(shifts)
  shifts.each do |start, stop|
    raise "bad shift" if stop <= start
  end
  shifts
end
