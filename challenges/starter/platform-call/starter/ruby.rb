name = gets.chomp
stop = gets.to_i
minutes = gets.to_i

puts "Good morning, #{name}!"
# Now say when the train leaves.
