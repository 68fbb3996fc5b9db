# ARGV holds the arguments. To read the text, use $stdin: a bare "gets" would
# take the arguments for file names.
shift = ARGV[0].to_i

print $stdin.read # turn the letters; what if the argument is bad?
