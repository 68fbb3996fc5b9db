require "json"

settings = {}
ARGV.each do |file| # what if it is not there?
  File.foreach(file, chomp: true, encoding: "UTF-8").with_index(1) do |line, number|
    # a comment, a setting, or a bad line?
  end
end
puts JSON.generate(settings)
