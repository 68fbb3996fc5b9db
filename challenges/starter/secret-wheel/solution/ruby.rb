unless ARGV.size == 1 && ARGV[0].match?(/\A[+-]?[0-9]+\z/)
  warn "usage: wheel SHIFT"
  exit 2
end

shift = ARGV[0].to_i % 26 # Ruby's % is never negative here
small = [*"a".."z"]
large = [*"A".."Z"]
print $stdin.binmode.read.tr("a-zA-Z", (small.rotate(shift) + large.rotate(shift)).join)
