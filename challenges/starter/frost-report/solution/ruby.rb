def frost_average(readings)
  frosts = readings.select(&:negative?)
  frosts.sum / frosts.size unless frosts.empty?
end
