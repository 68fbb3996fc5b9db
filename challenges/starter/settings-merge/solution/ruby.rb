require "json"

def stop(code, problem)
  puts JSON.generate(problem)
  exit code
end

def trim(text) = text.gsub(/\A[ \t]+|[ \t]+\z/, "")

settings = {}
ARGV.each do |file|
  stop(2, error: "missing file", file: file) unless File.file?(file)
  File.foreach(file, chomp: true, encoding: "UTF-8").with_index(1) do |raw, number|
    line = trim(raw)
    next if line.empty? || line.start_with?("#")
    key, equals, value = line.partition("=")
    stop(3, error: "bad line", file: file, line: number) if equals.empty? || key.empty?
    settings[trim(key)] = trim(value)
  end
end
puts JSON.generate(settings)
